// How long each phase of a try took.

import type { Phase } from "../outcome.ts";

/** Milliseconds; null for a phase that was not entered. `total` is all of them together. */
export type PhaseTimes = Readonly<Record<Phase | "total", number | null>>;

export const NO_TIMES: PhaseTimes = {
  lookup: null,
  connect: null,
  tls: null,
  ws: null,
  response: null,
  total: null,
};

export class PhaseClock {
  readonly #now: () => number;
  #phase: Phase;
  #since: number;
  #times: PhaseTimes = NO_TIMES;

  constructor(phase: Phase, now: () => number) {
    this.#now = now;
    this.#phase = phase;
    this.#since = now();
  }

  /** The phase that runs, or ran last. */
  get phase(): Phase {
    return this.#phase;
  }

  enter(phase: Phase): void {
    this.stop();
    this.#phase = phase;
  }

  /** Ends the running phase and returns all times so far. */
  stop(): PhaseTimes {
    const now = this.#now();
    const spent = now - this.#since;
    this.#since = now;
    this.#times = {
      ...this.#times,
      [this.#phase]: (this.#times[this.#phase] ?? 0) + spent,
      total: (this.#times.total ?? 0) + spent,
    };
    return this.#times;
  }
}

/** Times of a try with the look-up that led to it. */
export function withLookup(times: PhaseTimes, lookupMs: number | null): PhaseTimes {
  return { ...times, lookup: lookupMs, total: (times.total ?? 0) + (lookupMs ?? 0) };
}
