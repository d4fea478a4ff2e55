// The nftables backend: a table of our own, `inet sockwarden`. nft makes rules and sets in one transaction. Bans are
// added, removed and read by netlink, which takes microseconds; a program would take milliseconds.
//
// The set-only backend is here as well: the same table with the same sets and not one rule, for people who write their
// own.

import { release } from "node:os";
import { adding, deleting, type ElementChange, Errno, SetFlag, type SetShape } from "../linux/index.ts";
import type { BackendName, Ban, BanKey } from "../model/index.ts";
import type { Backend, BackendEntry, Changed, KernelBan, RulesetSpec } from "./backend.ts";
import { BackendError, kernelRefusal } from "./backend-error.ts";
import {
  type BanSetId,
  banSetName,
  banSetOf,
  elementKey,
  elementNetwork,
  familyBits,
  parseBanSetName,
  standingSets,
  TIMEOUT_MAX_MS,
  timeoutMs,
} from "./ban-set.ts";
import { changeInChunks, type KernelAnswer, type Meanings, sortOut } from "./chunked-change.ts";
import { fenceSets, isFenceSetName } from "./nftables-fence.ts";
import { isOurChain, rulesetCommands, TABLE_NAME, type TableContents } from "./nftables-script.ts";
import { NFTABLES_SELF_TEST } from "./nftables-self-test.ts";
import { type OwnTable, openOwnTable } from "./nftables-table.ts";
import { scopesOf } from "./scope.ts";

const SET_UP = "set up nftables";
/** The first command makes the second safe to repeat. */
const DELETE_TABLE = [`add table inet ${TABLE_NAME}`, `delete table inet ${TABLE_NAME}`];

/** The calls that a backend makes on our table. */
export type TableAccess = Pick<
  OwnTable,
  "watch" | "disturbed" | "sets" | "chains" | "elements" | "change" | "run" | typeof Symbol.dispose
>;

export interface NftablesOptions {
  /** The table; by default the kernel's own. */
  readonly table?: TableAccess;
  /** False for the sets alone. */
  readonly rules?: boolean;
  /** How an element that stands gets a new end. `update` works since Linux 6.12, `replace` everywhere. */
  readonly renewal?: "update" | "replace";
}

export const NFTABLES: BackendEntry = {
  open: () => openNftables(),
  takes: "CAP_NET_ADMIN",
  selfTest: NFTABLES_SELF_TEST,
};

/** The sets without rules, for people who write their own rules in their own chains of our table. */
export const SET_ONLY: BackendEntry = {
  open: () => openNftables({ rules: false }),
  takes: "CAP_NET_ADMIN",
  selfTest: null,
};

/** Opens the backend in the calling thread's network namespace, unless a table is given. */
export function openNftables({ table, ...options }: NftablesOptions = {}): Backend {
  return new NftablesBackend(table ?? attempt("open nf_tables", openOwnTable), options);
}

/** Runs `act`, and turns the kernel's refusal into a BackendError. */
function attempt<T>(operation: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw kernelRefusal(operation, "nf_tables", error);
  }
}

class NftablesBackend implements Backend {
  readonly name: BackendName;
  readonly #table: TableAccess;
  readonly #rules: boolean;
  readonly #renewal: "update" | "replace";
  #spec: RulesetSpec | null = null;
  /** Every ban set that stands, by name. */
  #sets = new Map<string, BanSetId>();
  /** Listeners by scope. */
  #scopes = new Map<string, string | null>();

  constructor(table: TableAccess, { rules = true, renewal = renewalOf(release()) }: NftablesOptions) {
    this.#table = table;
    this.#rules = rules;
    this.#renewal = renewal;
    this.name = rules ? "nftables" : "set-only";
  }

  setUp(spec: RulesetSpec): void {
    attempt(SET_UP, () => {
      this.#table.watch();
      this.#spec = spec;
      this.#scopes = scopesOf(spec.listeners);
      const shapes = this.#table.sets();
      this.#sets = this.#wantedSets(spec, shapes);
      const misshapen = shapes.some((shape) => !isOfOurShape(shape));
      const fault = misshapen ? null : this.#tryApply(spec, this.#standing(shapes));
      if (misshapen || fault !== null) this.#rebuild(spec, shapes, fault);
    });
  }

  add(bans: readonly Ban[], nowMs: number): Changed {
    const operation = "add bans to nftables";
    const { fit, failed } = sortOut(operation, bans, this.#listeners());
    const lasting = fit.filter(({ until }) => until > nowMs);
    this.#makeRoom(lasting);
    const change = (set: BanSetId, some: readonly Ban[]): KernelAnswer => this.#addSome(set, some, nowMs);
    const changed = this.#changeSets(operation, lasting, change, { hopeless: Errno.ENOENT });
    return {
      done: bans.length - failed.length - changed.failed.length,
      failed: [...failed, ...changed.failed],
    };
  }

  remove(bans: readonly BanKey[]): Changed {
    const here = bans.filter((ban) => this.#sets.has(banSetName(banSetOf(ban))));
    const changed = this.#changeSets(
      "remove bans from nftables",
      here,
      (set, some) => this.#change(set, [deleting(some.map(({ source }) => elementKey(source)))]),
      { done: Errno.ENOENT },
    );
    return { done: bans.length - changed.failed.length, failed: changed.failed };
  }

  list(): KernelBan[] {
    const sets = [...this.#sets.values()];
    return attempt("read nftables' sets", () => sets.flatMap((set) => this.#listSet(set)));
  }

  disturbed(): boolean {
    return attempt("ask nf_tables for its generation", () => this.#table.disturbed());
  }

  tearDown(): void {
    const operation = "take nftables' table away";
    attempt(operation, () => {
      // A set that somebody's rule uses cannot go. Empty it does no harm.
      const commands = this.#hasForeignChains()
        ? this.#ourSetNames().map((name) => `flush set inet ${TABLE_NAME} ${name}`)
        : DELETE_TABLE;
      const fault = commands.length === 0 ? null : this.#table.run(operation, commands);
      if (fault !== null) throw fault;
      this.#spec = null;
      this.#sets.clear();
    });
  }

  [Symbol.dispose](): void {
    this.#table[Symbol.dispose]();
  }

  #known(): RulesetSpec {
    if (this.#spec === null) throw new Error("a backend is used before setUp()");
    return this.#spec;
  }

  #listeners(): { has(name: string): boolean } {
    return new Set(this.#known().listeners.map(({ name }) => name));
  }

  /** The wanted sets: those from the start, and those of other lengths that hold something. */
  #wantedSets(spec: RulesetSpec, shapes: readonly SetShape[]): Map<string, BanSetId> {
    const sets = new Map(
      standingSets(spec.prefixes, this.#scopes.keys()).map((set) => [banSetName(set), set]),
    );
    for (const { name } of shapes) {
      const set = parseBanSetName(name);
      if (set === null || sets.has(name) || !this.#scopes.has(set.scope)) continue;
      if (this.#table.elements(name).length > 0) sets.set(name, set);
    }
    return sets;
  }

  /** Whether somebody else put chains beside the sets of set-only. */
  #hasForeignChains(): boolean {
    return !this.#rules && this.#table.chains().some((name) => !isOurChain(name));
  }

  #ourSetNames(): string[] {
    return this.#table
      .sets()
      .map(({ name }) => name)
      .filter(isOurSet);
  }

  /** Our contents that may be taken away. No set may if somebody has rules in the table, since those may use it. */
  #standing(shapes: readonly SetShape[]): TableContents {
    const chains = this.#table.chains().filter(isOurChain);
    const sets = shapes.map(({ name }) => name).filter(isOurSet);
    return { chains, sets: this.#hasForeignChains() ? [] : sets };
  }

  #tryApply(spec: RulesetSpec, standing: TableContents, before: readonly string[] = []): BackendError | null {
    const fence = this.#rules ? fenceSets(spec) : [];
    const ruleset = { spec, sets: [...this.#sets.values()], fence, rules: this.#rules };
    return this.#table.run(SET_UP, [...before, ...rulesetCommands(ruleset, standing)]);
  }

  /**
   * Makes our table anew with its bans. It is needed if adding cannot mend the table: an older version made it, or
   * somebody changed it by hand.
   */
  #rebuild(spec: RulesetSpec, shapes: readonly SetShape[], fault: BackendError | null): void {
    if (this.#hasForeignChains() || fault?.code === "denied" || fault?.code === "unavailable") {
      throw (
        fault ?? new BackendError("refused", SET_UP, `table inet ${TABLE_NAME} has sets of another shape`)
      );
    }
    const bans = shapes.flatMap((shape) => this.#heldIn(shape));
    const remains = this.#tryApply(spec, { chains: [], sets: [] }, DELETE_TABLE);
    if (remains !== null) throw remains;
    changeInChunks("put bans back", bans, (set, some) => this.#putBack(set, some));
  }

  #heldIn({ name, keyBytes }: SetShape): KernelBan[] {
    const set = this.#sets.get(name);
    return set === undefined || keyBytes !== familyBits(set.family) / 8 ? [] : this.#listSet(set);
  }

  #putBack(set: BanSetId, bans: readonly KernelBan[]): KernelAnswer {
    const keys = bans.map(({ source }) => elementKey(source));
    // A timeout of 0 would last for ever.
    const timeouts = bans.map(({ remainingMs }) => Math.min(Math.max(remainingMs, 1), TIMEOUT_MAX_MS));
    return this.#change(set, [adding(keys, timeouts)]);
  }

  /** Makes sets for networks of lengths that no ban had so far. */
  #makeRoom(bans: readonly BanKey[]): void {
    const spec = this.#known();
    const before = this.#sets.size;
    for (const ban of bans) {
      const set = banSetOf(ban);
      this.#sets.set(banSetName(set), set);
    }
    if (this.#sets.size === before) return;
    const fault = attempt(SET_UP, () => this.#tryApply(spec, this.#standing(this.#table.sets())));
    if (fault !== null) throw fault;
  }

  #changeSets<B extends BanKey>(
    operation: string,
    bans: readonly B[],
    change: (set: BanSetId, bans: readonly B[]) => KernelAnswer,
    meanings: Meanings,
  ): Changed {
    return attempt(operation, () => changeInChunks(operation, bans, change, meanings));
  }

  #addSome(set: BanSetId, bans: readonly Ban[], nowMs: number): KernelAnswer {
    const keys = bans.map(({ source }) => elementKey(source));
    const timeouts = bans.map(({ until }) => timeoutMs(until, nowMs));
    if (this.#renewal === "update") return this.#change(set, [adding(keys, timeouts)]);
    const added = this.#change(set, [adding(keys, timeouts, { exclusive: true })]);
    if (added.errno !== Errno.EEXIST || keys.length > 1) return added;
    return this.#change(set, [deleting(keys), adding(keys, timeouts)]);
  }

  #change(set: BanSetId, changes: readonly ElementChange[]): KernelAnswer {
    const { errno, words } = this.#table.change(banSetName(set), changes);
    const text = errno === Errno.ENOENT ? "the set or the element is not there" : (words ?? `errno ${errno}`);
    return { errno, text };
  }

  #listSet(set: BanSetId): KernelBan[] {
    const listener = this.#scopes.get(set.scope) ?? null;
    return this.#table.elements(banSetName(set)).map(({ key, remainingMs, packets }) => ({
      source: elementNetwork(key, set.length),
      listener,
      kind: set.kind,
      remainingMs,
      packets,
    }));
  }
}

const isOurSet = (name: string): boolean => parseBanSetName(name) !== null || isFenceSetName(name);

/** Whether a set with a name of ours can be used as it is. */
function isOfOurShape({ name, flags, keyBytes, counts }: SetShape): boolean {
  const set = parseBanSetName(name);
  if (set === null) return !isFenceSetName(name) || (flags & SetFlag.EVAL) !== 0;
  return keyBytes === familyBits(set.family) / 8 && (flags & KIND_FLAGS) === SetFlag.TIMEOUT && counts;
}

/** Flags that change what an element is: those of intervals and of dynamic sets. */
const KIND_FLAGS = SetFlag.INTERVAL | SetFlag.TIMEOUT | SetFlag.EVAL;

/** How this kernel renews. Linux 6.12 gives an element that stands its new end; before, adding it again changed nothing. */
function renewalOf(kernel: string): "update" | "replace" {
  const [major = 0, minor = 0] = kernel.split(".").map(Number);
  return major > 6 || (major === 6 && minor >= 12) ? "update" : "replace";
}
