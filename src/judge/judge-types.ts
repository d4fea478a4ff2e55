// What goes into a step, and what comes out.

import type { AllowEntry, Ban, Finding, Network, Plan, Pressure } from "../model/index.ts";

/** How long bans last: `firstMs`, times `factor` for each one before that has not decayed, at most `maxMs`. */
export interface Terms {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

export interface Policy {
  readonly terms: Terms;
  /** Whether the kernel refuses what is above a strict limit at the SYN. */
  readonly fenced: boolean;
}

export interface Exemptions {
  readonly allow: readonly AllowEntry[];
  /** The host's own addresses, its gateway, the operator's: never banned or capped. */
  readonly protected: readonly Network[];
}

/** What is remembered of a source, by listener. */
export interface Standing {
  readonly listener: string;
  /** As people write it. */
  readonly source: string;
  /** The most connections with merit that it had while there was room; halves every week. */
  readonly expected: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** How often a source was banned, for the length of the next term. */
export interface BanHistory {
  readonly source: string;
  readonly bans: number;
  readonly lastAt: number;
}

/** Opaque to everybody but the judge; plain values, so that it can be kept and replayed. */
export interface JudgeState {
  readonly standings: ReadonlyMap<string, Standing>;
  readonly bans: ReadonlyMap<string, Ban>;
  readonly pressures: ReadonlyMap<string, Pressure>;
}

export interface Judgement {
  readonly state: JudgeState;
  readonly findings: readonly Finding[];
  readonly plan: Plan;
  /** By listener's name. */
  readonly pressures: ReadonlyMap<string, Pressure>;
  readonly nextLook: NextLook;
}

/** Until then no limit can have been passed. */
export interface NextLook {
  /** So many finished handshakes from now; Infinity where only time counts. */
  readonly opens: number;
  /** Milliseconds since the epoch, by the clock of takenAt; Infinity where time changes nothing. */
  readonly at: number;
}
