// What goes into a step, and what comes out. Times are milliseconds since the epoch, by the clock of TrackedCensus.takenAt.

import type { AllowEntry, Ban, Finding, Network, Plan, Pressure } from "../model/index.ts";
import type { NextScan } from "../track/index.ts";

/** How long bans last: `firstMs`, times `factor` for each one before that has not decayed, at most `maxMs`. */
export interface Terms {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
}

/** Who is never judged, or by another limit. */
export interface Exemptions {
  readonly allow: readonly AllowEntry[];
  /** The host's own addresses, its gateway, the operator's: never banned, capped or evicted. */
  readonly protected: readonly Network[];
}

export interface StepOptions {
  readonly terms: Terms;
  readonly exemptions: Exemptions;
}

/** What is remembered of a source at one listener, also across restarts. */
export interface Standing {
  readonly listener: string;
  /** As people write it. */
  readonly source: string;
  /** How many connections with merit it is known for: follows what it has within half an hour, forgets by half in a week. */
  readonly expected: number;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** How often a source was banned: the length of its next term. */
export interface BanHistory {
  /** As people write it. */
  readonly source: string;
  readonly bans: number;
  readonly lastAt: number;
}

/** Plain values, so that it can be kept and replayed. Made by `initialState`, changed by `step` and the functions beside it. */
export interface JudgeState {
  /** By listener and source. */
  readonly standings: ReadonlyMap<string, Standing>;
  /** By `banKeyText`: what stands now, the operator's too. */
  readonly bans: ReadonlyMap<string, Ban>;
  /** By source. */
  readonly histories: ReadonlyMap<string, BanHistory>;
  /** By listener. */
  readonly pressures: ReadonlyMap<string, Pressure>;
  /** When a mixed source was last evicted for passing a limit, by listener and source. */
  readonly excesses: ReadonlyMap<string, number>;
  /** When a finding was last told, by rule, listener and source. */
  readonly told: ReadonlyMap<string, number>;
  /** When the step before was; null before the first. */
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
