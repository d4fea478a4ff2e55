// The ipset backend, for hosts without nftables: sets of networks by netlink, and iptables rules that use them.

import { Errno, IpsetCommand, type IpsetSocket, NetfilterError, openIpsetSocket } from "../linux/index.ts";
import { type Ban, type BanKey, prefixLengthOf } from "../model/index.ts";
import type { Backend, BackendEntry, Changed, KernelBan, RulesetSpec } from "./backend.ts";
import { BackendError, kernelRefusal } from "./backend-error.ts";
import { type BanSetId, elementKey, elementNetwork, TIMEOUT_MAX_MS, timeoutMs } from "./ban-set.ts";
import { changeInChunks, type KernelAnswer, sortOut } from "./chunked-change.ts";
import { ipsetName, ipsetsOf, parseIpsetName, TABLES } from "./ipset-rules.ts";
import { IPSET_SELF_TEST } from "./ipset-self-test.ts";
import { Iptables } from "./iptables.ts";
import { scopesOf } from "./scope.ts";

/** The most elements of one set. Memory grows with the elements: 2.3 MB for 40 000. */
const ELEMENTS_MAX = 1_000_000;

const SET_UP = "set up ipset";

export const IPSET: BackendEntry = {
  open: () => openIpset(),
  takes: "CAP_NET_ADMIN",
  selfTest: IPSET_SELF_TEST,
};

export interface IpsetParts {
  readonly socket: Pick<
    IpsetSocket,
    "create" | "destroy" | "change" | "sets" | "elements" | typeof Symbol.dispose
  >;
  readonly iptables: Pick<Iptables, "apply" | "applyAll" | "seen" | "disturbed" | typeof Symbol.dispose>;
}

/** Opens the backend in the calling thread's network namespace, unless parts are given. */
export function openIpset(parts: IpsetParts | null = null): Backend {
  return new IpsetBackend(
    parts ?? { socket: attempt("open ip_set", openIpsetSocket), iptables: new Iptables() },
  );
}

function attempt<T>(operation: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw kernelRefusal(operation, "ip_set", error);
  }
}

class IpsetBackend implements Backend {
  readonly name = "ipset";
  readonly #socket: IpsetParts["socket"];
  readonly #iptables: IpsetParts["iptables"];
  #spec: RulesetSpec | null = null;
  #scopes = new Map<string, string | null>();
  /** The earliest end of each set's last element, on the process's clock. A set that is empty before that was flushed. */
  readonly #lastEnd = new Map<string, number>();

  constructor({ socket, iptables }: IpsetParts) {
    this.#socket = socket;
    this.#iptables = iptables;
  }

  setUp(spec: RulesetSpec): void {
    attempt(SET_UP, () => {
      const standing = this.#socket.sets().map(({ name }) => name);
      this.#spec = spec;
      this.#scopes = scopesOf(spec.listeners);
      const wanted = ipsetsOf(this.#scopes.keys());
      for (const set of wanted) this.#create(set);
      this.#iptables.applyAll(spec);
      const names = new Set(wanted.map(ipsetName));
      for (const name of standing) if (parseIpsetName(name) !== null && !names.has(name)) this.#destroy(name);
    });
    this.#iptables.seen(spec);
  }

  add(bans: readonly Ban[], nowMs: number): Changed {
    const operation = "add bans to ipset";
    const listeners = new Set(this.#known().listeners.map(({ name }) => name));
    const { fit, failed } = sortOut(operation, bans, listeners);
    const lasting = fit.filter(({ until }) => until > nowMs);
    const changed = attempt(operation, () =>
      changeInChunks(operation, lasting, (set, some) => this.#addSome(set, some, nowMs), {
        hopeless: Errno.ENOENT,
      }),
    );
    return {
      done: bans.length - failed.length - changed.failed.length,
      failed: [...failed, ...changed.failed],
    };
  }

  remove(bans: readonly BanKey[]): Changed {
    const operation = "remove bans from ipset";
    const change = (set: BanSetId, some: readonly BanKey[]): KernelAnswer => {
      this.#lastEnd.delete(ipsetName(set));
      const elements = some.map(({ source }) => ({
        address: elementKey(source),
        length: prefixLengthOf(source),
      }));
      return this.#change(IpsetCommand.DEL, set, elements);
    };
    return attempt(operation, () => changeInChunks(operation, bans, change, { done: Errno.ENOENT }));
  }

  list(): KernelBan[] {
    return attempt("read ipset's sets", () =>
      ipsetsOf(this.#scopes.keys()).flatMap((set) => {
        const bans = this.#listSet(set);
        const last = bans.reduce((latest, { remainingMs }) => Math.max(latest, remainingMs), 0);
        this.#lastEnd.set(ipsetName(set), performance.now() + last);
        return bans;
      }),
    );
  }

  disturbed(): boolean {
    const sets = attempt("read ipset's sets", () => this.#setsAreDisturbed());
    const rules = attempt("look after iptables' rules", () => this.#iptables.disturbed());
    return sets || rules;
  }

  tearDown(): void {
    attempt("take ipset's sets away", () => {
      this.#iptables.applyAll(null);
      for (const { name } of this.#socket.sets()) if (parseIpsetName(name) !== null) this.#destroy(name);
      this.#spec = null;
      this.#scopes.clear();
      this.#lastEnd.clear();
    });
    this.#iptables.seen(null);
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
    this.#iptables[Symbol.dispose]();
  }

  #known(): RulesetSpec {
    if (this.#spec === null) throw new Error("a backend is used before setUp()");
    return this.#spec;
  }

  /**
   * Makes a set, and keeps one that stands. A set of another kind is made anew with its elements, which takes our rules
   * away first.
   */
  #create(set: Pick<BanSetId, "kind" | "family" | "scope">): void {
    const name = ipsetName(set);
    const wanted = { name, family: set.family, elementsMax: ELEMENTS_MAX };
    if (this.#socket.create(wanted).errno === 0) return;
    for (const table of TABLES) this.#iptables.apply(null, table, set.family);
    const elements = this.#socket
      .elements(name)
      .filter(({ address }) => address.length === (set.family === 4 ? 4 : 16));
    this.#destroy(name);
    const answer = this.#socket.create(wanted);
    if (answer.errno !== 0) throw new NetfilterError(`create ${name}`, answer);
    for (const element of elements) {
      const timeoutSeconds = element.timeoutSeconds === 0 ? TIMEOUT_MAX_MS / 1000 : element.timeoutSeconds;
      this.#socket.change(IpsetCommand.ADD, name, [{ ...element, timeoutSeconds }]);
    }
  }

  #destroy(name: string): void {
    this.#lastEnd.delete(name);
    const { errno } = this.#socket.destroy(name);
    if (errno === 0 || errno === Errno.ENOENT) return;
    const text = `${name} is still used by a rule that is not ours; find it with: iptables-save | grep ${name}`;
    throw new BackendError("refused", "destroy an ipset", text);
  }

  #addSome(set: BanSetId, bans: readonly Ban[], nowMs: number): KernelAnswer {
    const elements = bans.map(({ source, until }) => ({
      address: elementKey(source),
      length: prefixLengthOf(source),
      timeoutSeconds: Math.ceil(timeoutMs(until, nowMs) / 1000),
    }));
    const answer = this.#change(IpsetCommand.ADD, set, elements);
    const last = elements.reduce((latest, { timeoutSeconds }) => Math.max(latest, timeoutSeconds), 0);
    const name = ipsetName(set);
    const end = performance.now() + 1000 * last;
    if (answer.errno === 0) this.#lastEnd.set(name, Math.max(this.#lastEnd.get(name) ?? 0, end));
    return answer;
  }

  #change(
    command: Parameters<IpsetSocket["change"]>[0],
    set: BanSetId,
    elements: Parameters<IpsetSocket["change"]>[2],
  ): KernelAnswer {
    const { errno, words } = this.#socket.change(command, ipsetName(set), elements);
    return { errno, text: errno === 0 ? "" : (words ?? ipsetWords(errno)) };
  }

  #listSet(set: Pick<BanSetId, "kind" | "family" | "scope">): KernelBan[] {
    const listener = this.#scopes.get(set.scope) ?? null;
    return this.#socket.elements(ipsetName(set)).map(({ address, length, timeoutSeconds, packets }) => ({
      source: elementNetwork(address, length),
      listener,
      kind: set.kind,
      remainingMs: timeoutSeconds === 0 ? Number.POSITIVE_INFINITY : 1000 * timeoutSeconds,
      packets,
    }));
  }

  #setsAreDisturbed(): boolean {
    const counts = new Map(this.#socket.sets().map(({ name, elements }) => [name, elements]));
    let disturbed = false;
    for (const set of ipsetsOf(this.#scopes.keys())) {
      const name = ipsetName(set);
      const flushed = counts.get(name) === 0 && (this.#lastEnd.get(name) ?? 0) > performance.now() + GRACE_MS;
      if (!counts.has(name) || flushed) disturbed = true;
      // A flush is told once.
      if (flushed) this.#lastEnd.delete(name);
    }
    return disturbed;
  }
}

/** How much earlier than its end an element may go: timeouts are whole seconds. */
const GRACE_MS = 2000;

/** The words of ipset's own codes, include/uapi/linux/netfilter/ipset/ip_set.h. */
function ipsetWords(errno: number): string {
  if (errno === Errno.ENOENT) return "the set is not there";
  if (errno === 4352) return `the set is full (${ELEMENTS_MAX} elements)`;
  return errno >= 4096 ? `ipset refused it with code ${errno}` : `errno ${errno}`;
}
