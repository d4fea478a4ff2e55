// What is to be done about sources, and what has been seen of them.

import type { Proof } from "./proof.ts";
import type { Network } from "./source.ts";

/** `ban`: all packets to the guarded ports are dropped. `cap`: new connections are refused, held ones live on. */
export type BanKind = "ban" | "cap";

/** A source kept off a listener until a time. The kernel lets it go by itself. */
export interface Ban {
  /** A source or a network of sources, masked. */
  readonly source: Network;
  /** Name of the listener; null for every guarded one. */
  readonly listener: string | null;
  readonly kind: BanKind;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly until: number;
  /** In plain words, for people. */
  readonly reason: string;
  /** Name of the rule that asked for it, or `operator`. */
  readonly rule: string;
}

/** Connections to be destroyed: of one source or network, on one listener. Which ones is settled on the sockets of the same scan. */
export interface Eviction {
  readonly source: Network;
  /** Name of the listener; null for every guarded one. */
  readonly listener: string | null;
  /** Only connections of these proofs, given up in this order. */
  readonly proofs: readonly Proof[];
  /** At most so many; Infinity for all. Within one proof the newest go first. */
  readonly max: number;
  readonly rule: string;
}

export const FINDING_SEVERITIES = ["notice", "warning", "critical"] as const;

export type FindingSeverity = (typeof FINDING_SEVERITIES)[number];

/** Something that a rule saw, with the numbers that made it fire. */
export interface Finding {
  readonly rule: string;
  readonly severity: FindingSeverity;
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
