// What is to be done about sources, and what has been seen of them.

import type { Ban } from "./ban.ts";
import type { Proof } from "./proof.ts";
import type { RuleName } from "./rule-name.ts";
import type { Severity } from "./severity.ts";
import type { Network } from "./source.ts";

/** Connections to be destroyed: of one source or network, on one listener. Which ones is settled on the sockets of the same scan. */
export interface Eviction {
  readonly source: Network;
  /** Name of the listener; null for every guarded one. */
  readonly listener: string | null;
  /** Only connections of these proofs, given up in this order. */
  readonly proofs: readonly Proof[];
  /** At most so many; Infinity for all. Within one proof the newest go first. */
  readonly max: number;
  readonly rule: RuleName;
}

/** Something that a rule saw, with the numbers that made it fire. */
export interface Finding {
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly listener: string | null;
  /** As people write it; null where it is about no source. */
  readonly source: string | null;
  readonly text: string;
  readonly numbers: Readonly<Record<string, number>>;
}

export interface Plan {
  readonly bans: readonly Ban[];
  readonly evictions: readonly Eviction[];
}
