// The parts of the loop. Every part is passed in, so that the loop runs in a test without a kernel. The daemon's thread
// passes in the real ones.

import type { Evictor, ProtectedAddresses, RuleKeeper } from "../enforce/index.ts";
import type { explainSource, initialState, Judgement, step, withBans, withoutBans } from "../judge/index.ts";
import type { largestByListener, ScanTimer, sumByListener, TrackedCensus, Tracker } from "../track/index.ts";

/** The parts and their tasks. Each may throw. The error is told as a health item, and the part is tried again. */
export interface GuardParts {
  readonly clock: Clock;
  readonly tracker: Pick<Tracker, "scan" | "connectionsOf">;
  /** The cheap triggers between scans, and what follows from them. */
  readonly scanTimer: Pick<ScanTimer, "readOpens" | "isDue" | "againInMs" | "scanned">;
  readonly sums: CensusSums;
  readonly judge: JudgeFunctions;
  readonly evictor: Pick<Evictor, "carryOut">;
  readonly rules: Pick<
    RuleKeeper,
    "configure" | "follow" | "isDue" | "restore" | "add" | "remove" | "list" | "tearDown"
  >;
  readonly protectedAddresses: Pick<ProtectedAddresses, "at">;
  readonly tap: Tap;
}

export interface Clock {
  /** Milliseconds since the epoch; never goes back, and does not jump when the wall clock is set. */
  now(): number;
  /** Processor time that the calling thread has used, in milliseconds. */
  cpuMs(): number;
}

/** Pure functions of the judge. */
export interface JudgeFunctions {
  readonly initialState: typeof initialState;
  readonly step: typeof step;
  readonly explainSource: typeof explainSource;
  readonly withBans: typeof withBans;
  readonly withoutBans: typeof withoutBans;
}

/** Pure functions that sum up a census's columns. */
export interface CensusSums {
  readonly sumByListener: typeof sumByListener;
  readonly largestByListener: typeof largestByListener;
}

/** Gets each scan and the judgement of it. The next scan uses the census's columns again, so a tap copies what it keeps. */
export type Tap = (census: TrackedCensus, judgement: Judgement) => void;

/** A tap that keeps nothing. */
export const NO_TAP: Tap = () => {};
