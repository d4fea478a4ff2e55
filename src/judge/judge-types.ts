// The input and output of a step. Times are milliseconds since the epoch, by the clock of TrackedCensus.takenAt.

import type { AllowEntry, Ban, Finding, Network, Plan, Pressure } from "../model/index.ts";
import type { NextScan } from "../track/index.ts";

/** How long bans last: `firstMs`, times `factor` for each earlier ban that has not decayed, at most `maxMs`. */
export interface Terms {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

/** Networks that are never judged, or by another limit. */
export interface Exemptions {
  readonly allow: readonly AllowEntry[];
  /** The host's own addresses, its gateway, the operator's: never banned, capped or evicted. */
  readonly protected: readonly Network[];
}

export interface StepOptions {
  readonly terms: Terms;
  readonly exemptions: Exemptions;
}

/** The memory of a source at one listener. It outlives restarts. */
export interface Standing {
  readonly listener: string;
  /** As people write it. */
  readonly source: string;
  /**
   * The number of connections with merit that the source is known for. It follows what the source has within half an
   * hour, and falls by half in a week.
   */
  readonly expected: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** How often a source was banned. It decides the length of the next term. */
export interface BanHistory {
  /** As people write it. */
  readonly source: string;
  readonly bans: number;
  readonly lastAt: number;
}

/**
 * The judge's memory, as plain values, so that it can be kept and replayed. `initialState` makes it; `step` and the
 * functions beside it change it.
 */
export interface JudgeState {
  /** By listener and source. */
  readonly standings: ReadonlyMap<string, Standing>;
  /** The standing bans by `banKeyText`, the operator's included. */
  readonly bans: ReadonlyMap<string, Ban>;
  /** By source. */
  readonly histories: ReadonlyMap<string, BanHistory>;
  /** By listener. */
  readonly pressures: ReadonlyMap<string, Pressure>;
  /** The time when a mixed source last lost connections for passing a limit, by listener and source. */
  readonly excesses: ReadonlyMap<string, number>;
  /** The time when a finding was last told, by rule, listener and source. */
  readonly told: ReadonlyMap<string, number>;
  /** The time of the last step; null before the first. */
  readonly steppedAt: number | null;
}

export interface Judgement {
  readonly state: JudgeState;
  readonly findings: readonly Finding[];
  readonly plan: Plan;
  /** By listener's name. */
  readonly pressures: ReadonlyMap<string, Pressure>;
  readonly nextScan: NextScan;
}
