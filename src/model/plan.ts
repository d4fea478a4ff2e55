// The judge's decisions about sources (bans and evictions), and its observations of them (findings).

import type { Ban } from "./ban.ts";
import type { Proof } from "./proof.ts";
import type { RuleName } from "./rule-name.ts";
import type { Severity } from "./severity.ts";
import type { Network } from "./source.ts";

/**
 * Connections to destroy: those of one source or network, on one listener. The evictor picks the sockets from the same
 * scan.
 */
export interface Eviction {
  readonly source: Network;
  /** Name of the listener; null for every guarded one. */
  readonly listener: string | null;
  /** Only connections of these proofs, destroyed in this order. */
  readonly proofs: readonly Proof[];
  /** How many at most; Infinity for all. Within one proof the newest go first. */
  readonly max: number;
  readonly rule: RuleName;
}

/** A rule's observation, with the numbers that made the rule fire. */
export interface Finding {
  readonly rule: RuleName;
  readonly severity: Severity;
  readonly listener: string | null;
  /** As people write it; null if the finding is about no source. */
  readonly source: string | null;
  readonly text: string;
  readonly numbers: Readonly<Record<string, number>>;
}

export interface Plan {
  readonly bans: readonly Ban[];
  readonly evictions: readonly Eviction[];
}
