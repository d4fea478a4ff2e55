// The kit of the tests of src/enforce: a backend in the victim's namespace and clients in the other one. Each has a
// thread that has entered its namespace, as the daemon's guard has.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Backend, KernelBan, RulesetSpec } from "../../src/enforce/backend.ts";
import type { Reconciled } from "../../src/enforce/reconcile.ts";
import { type BackendName, type Ban, type Network, parseNetwork } from "../../src/model/index.ts";

/** Those that register, and nftables as on kernels before 6.12, where an existing element takes no new end. */
export type BackendKind = BackendName | "nftables-replace";

export type ThreadTask =
  | { readonly kind: BackendKind; readonly pid: number }
  | { readonly kind: "dial"; readonly pid: number };

export type ThreadReply =
  | { readonly value: unknown; readonly ms: number }
  | { readonly error: string; readonly code: string | null };

/** A thread in the namespace of process `pid`, which answers one call after another. */
class Thread implements AsyncDisposable {
  readonly #worker: Worker;
  /** One call after another, so that each gets its own answer. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(task: ThreadTask) {
    this.#worker = new Worker(new URL("./enforce-thread.ts", import.meta.url), { workerData: task });
  }

  call(method: string, ...args: readonly unknown[]): Promise<{ value: unknown; ms: number }> {
    const answer = this.#last.then(() => this.#ask(method, args));
    this.#last = answer.catch(() => {});
    return answer;
  }

  async #ask(method: string, args: readonly unknown[]): Promise<{ value: unknown; ms: number }> {
    this.#worker.postMessage({ method, args });
    const [reply] = (await once(this.#worker, "message")) as [ThreadReply];
    if ("error" in reply) throw Object.assign(new Error(reply.error), { code: reply.code });
    return reply;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

type Method = "setUp" | "add" | "remove" | "list" | "disturbed" | "tearDown";

/** A backend's methods, answered by its thread. */
export class RemoteBackend implements AsyncDisposable {
  readonly #thread: Thread;
  /** How long the last call took in the thread. */
  lastMs = 0;

  constructor(kind: BackendKind, pid: number) {
    this.#thread = new Thread({ kind, pid });
  }

  async call<M extends Method>(method: M, ...args: Parameters<Backend[M]>): Promise<ReturnType<Backend[M]>> {
    return (await this.#ask(method, args)) as ReturnType<Backend[M]>;
  }

  async reconcile(desired: readonly Ban[], nowMs: number): Promise<Reconciled> {
    return (await this.#ask("reconcile", [desired, nowMs])) as Reconciled;
  }

  async #ask(method: string, args: readonly unknown[]): Promise<unknown> {
    const { value, ms } = await this.#thread.call(method, ...args);
    this.lastMs = ms;
    return value;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#thread[Symbol.asyncDispose]();
  }
}

export type Outcome = "connected" | "refused" | "silence";

/** Clients: connections from addresses of their own, held until they are closed. */
export class Dialler implements AsyncDisposable {
  readonly #thread: Thread;

  constructor(pid: number) {
    this.#thread = new Thread({ kind: "dial", pid });
  }

  /** Whether a connection from `source` is let in within `timeoutMs`. It is closed at once. */
  async try(source: string, target: string, port: number, timeoutMs: number): Promise<Outcome> {
    return (await this.#thread.call("try", source, target, port, timeoutMs)).value as Outcome;
  }

  /** Opens a connection and keeps it. */
  async hold(source: string, target: string, port: number): Promise<number> {
    return (await this.#thread.call("hold", source, target, port)).value as number;
  }

  /** Whether the server's echo comes back on a held connection. */
  async answers(id: number, timeoutMs: number): Promise<boolean> {
    return (await this.#thread.call("answers", id, timeoutMs)).value as boolean;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#thread[Symbol.asyncDispose]();
  }
}

/** Any time: it is the only clock of the backend. */
export const NOW = 1_000_000_000_000;

export function network(text: string): Network {
  const parsed = parseNetwork(text);
  if (parsed === null) throw new TypeError(`${text} is no network`);
  return parsed;
}

export function ban(source: string, different: Partial<Ban> & { readonly forMs?: number } = {}): Ban {
  const { forMs = 600_000, ...rest } = different;
  return {
    source: network(source),
    listener: null,
    kind: "ban",
    since: NOW,
    until: NOW + forMs,
    reason: "a test",
    rule: "operator",
    ...rest,
  };
}

export function spec(different: Partial<RulesetSpec> = {}): RulesetSpec {
  return {
    listeners: [
      { name: "sip", ports: [5060, 5061], address: null, strict: null },
      { name: "web; flush ruleset", ports: [80], address: null, strict: null },
    ],
    prefixes: { ipv4: 32, ipv6: 64 },
    action: "drop",
    fence: false,
    allow: [],
    ...different,
  };
}

/** The one ban that the kernel holds. */
export function only(bans: readonly KernelBan[]): KernelBan {
  if (bans.length !== 1) throw new Error(`${bans.length} bans and not one`);
  return bans[0]!;
}
