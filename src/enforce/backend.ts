// The interface of every backend, and what each tells of itself when it registers (backends.ts). One conformance suite
// holds for all of them.

import type { BackendName, Ban, Limits, Network, SourcePrefixes } from "../model/index.ts";
import type { BackendError } from "./backend-error.ts";
import type { SelfTest } from "./self-test.ts";

/** A listener as the rules know it: where its packets go, and its strict limits. */
export interface ListenerRules {
  readonly name: string;
  readonly ports: readonly number[];
  /** Local address, or null for any. */
  readonly address: Network | null;
  /** The fence's limits; null if none is strict. */
  readonly strict: Pick<Limits, "connectionsPerSource" | "newPerSource"> | null;
}

/** Everything that the kernel should hold beside the bans. */
export interface RulesetSpec {
  readonly listeners: readonly ListenerRules[];
  readonly prefixes: SourcePrefixes;
  readonly action: "drop" | "reject";
  readonly fence: boolean;
  /** Networks with a strict limit of their own, or with none. */
  readonly allow: readonly { readonly network: Network; readonly connectionsPerSource: number | null }[];
}

/** A ban as the kernel holds it. */
export interface KernelBan {
  readonly source: Network;
  readonly listener: string | null;
  readonly kind: Ban["kind"];
  /** The time that is left. */
  readonly remainingMs: number;
  /** Packets refused so far; null if the backend does not count. */
  readonly packets: number | null;
}

/** The result of a change of many bans. A ban that the kernel refused does not lose the others. */
export interface Changed {
  /** How many bans are as asked for. A removed ban that was not there counts too. */
  readonly done: number;
  readonly failed: readonly FailedBan[];
}

export interface FailedBan {
  readonly ban: Pick<Ban, "source" | "listener" | "kind">;
  readonly error: BackendError;
}

/** Runs in the calling thread's network namespace; calls block for as long as the kernel takes. Throws BackendError. */
export interface Backend extends Disposable {
  readonly name: BackendName;
  /** Makes table, sets and rules as they should be, keeping the bans that stand. Safe to repeat. */
  setUp(spec: RulesetSpec): void;
  /** Adds bans, or renews those that stand. `nowMs` is the clock of `Ban.until`. Bans that are over are left out. */
  add(bans: readonly Ban[], nowMs: number): Changed;
  /** Takes bans away. Those that are not there are no error. */
  remove(bans: readonly Pick<Ban, "source" | "listener" | "kind">[]): Changed;
  /** The bans that the kernel holds for the listeners of setUp(). Reads the sets whole: some 0.1 s for 40 000. */
  list(): KernelBan[];
  /**
   * Whether somebody else changed the ruleset since the last call. `setUp` and `add` then bring it back. Cheap, since
   * it is called several times a second.
   */
  disturbed(): boolean;
  /** Takes everything of ours out of the kernel. Safe to repeat. */
  tearDown(): void;
}

/** A backend's entry in the registry. */
export interface BackendEntry {
  /** Opens the backend in the calling thread's network namespace. Throws BackendError. */
  readonly open: () => Backend;
  /** The right that it needs; null for a backend that changes nothing in the kernel. */
  readonly takes: "CAP_NET_ADMIN" | null;
  /** Shows on this kernel that its bans block; null if the backend keeps nobody out by itself. */
  readonly selfTest: SelfTest | null;
}
