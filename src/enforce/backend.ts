// What every backend can do, and what is told of it where it registers (backends.ts). One conformance suite holds for all of
// them.

import type { BackendName, Ban, Limits, Network, SourcePrefixes } from "../model/index.ts";
import type { BackendError } from "./backend-error.ts";
import type { SelfTest } from "./self-test.ts";

/** What rules know of a listener: where it is found in packets, and its strict limits. */
export interface ListenerRules {
  readonly name: string;
  readonly ports: readonly number[];
  /** Local address, or null for any. */
  readonly address: Network | null;
  /** For the fence; null where nothing is strict. */
  readonly strict: Pick<Limits, "connectionsPerSource" | "newPerSource"> | null;
}

/** What the kernel should hold beside the bans. */
export interface RulesetSpec {
  readonly listeners: readonly ListenerRules[];
  readonly prefixes: SourcePrefixes;
  readonly action: "drop" | "reject";
  readonly fence: boolean;
  /** Networks whose strict limit is another, and those that have none. */
  readonly allow: readonly { readonly network: Network; readonly connectionsPerSource: number | null }[];
}

/** A ban as the kernel holds it. */
export interface KernelBan {
  readonly source: Network;
  readonly listener: string | null;
  readonly kind: Ban["kind"];
  /** From now. */
  readonly remainingMs: number;
  /** Packets refused so far; null where the backend does not count. */
  readonly packets: number | null;
}

/** How a change of many bans went. One that the kernel refused does not lose the others. */
export interface Changed {
  /** Asked for and so now; for removals also those that were not there. */
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
  /** Adds bans, or renews those that stand. `nowMs` is the clock of `Ban.until`; a ban that is over is left out. */
  add(bans: readonly Ban[], nowMs: number): Changed;
  /** Takes bans away. Those that are not there are no error. */
  remove(bans: readonly Pick<Ban, "source" | "listener" | "kind">[]): Changed;
  /** What the kernel holds now, of the listeners that setUp() was told of: reads the sets whole, some 0.1 s for 40 000. */
  list(): KernelBan[];
  /** Whether somebody else changed the ruleset since the last call: then `setUp` and `add` bring it back. Cheap: called several times a second. */
  disturbed(): boolean;
  /** Takes everything of ours out of the kernel. Safe to repeat. */
  tearDown(): void;
}

/** How a backend registers. */
export interface BackendEntry {
  /** In the calling thread's network namespace. Throws BackendError. */
  readonly open: () => Backend;
  /** The right that it takes; null for one that changes nothing in the kernel. */
  readonly takes: "CAP_NET_ADMIN" | null;
  /** Shows on this kernel that its bans block; null where it keeps nobody out by itself. */
  readonly selfTest: SelfTest | null;
}
