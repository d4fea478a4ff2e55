// The last probes of a monitor, in a ring of columns: a thousand monitors with a thousand probes each take 13 MB, where
// objects would take ten times that.
//
//   #at       Float64   when                 #totalMs  Float32   NaN where there was no answer
//   #outcome  Uint8     index in OUTCOME_CODES
//
// #next is the slot to be written next. Once #count reaches the size, it is the oldest.

import { DEGRADED_OUTCOMES, DOWN_OUTCOMES, isAnswer, type Outcome, stateOf, UP_OUTCOMES } from "./outcome.ts";

const OUTCOME_CODES: readonly Outcome[] = [...UP_OUTCOMES, ...DEGRADED_OUTCOMES, ...DOWN_OUTCOMES];

export interface HistoryEntry {
  readonly at: number;
  readonly outcome: Outcome;
  readonly totalMs: number | null;
}

export class MonitorHistory {
  readonly #at: Float64Array;
  readonly #totalMs: Float32Array;
  readonly #outcome: Uint8Array;
  #next = 0;
  #count = 0;

  constructor(size: number) {
    this.#at = new Float64Array(size);
    this.#totalMs = new Float32Array(size);
    this.#outcome = new Uint8Array(size);
  }

  get length(): number {
    return this.#count;
  }

  add({ at, outcome, totalMs }: HistoryEntry): void {
    const slot = this.#next;
    this.#at[slot] = at;
    this.#totalMs[slot] = totalMs ?? Number.NaN;
    this.#outcome[slot] = OUTCOME_CODES.indexOf(outcome);
    this.#next = (slot + 1) % this.#at.length;
    this.#count = Math.min(this.#count + 1, this.#at.length);
  }

  /** From the oldest to the latest. */
  *entries(): Generator<HistoryEntry> {
    const size = this.#at.length;
    for (let i = 0; i < this.#count; i++) {
      const slot = (this.#next - this.#count + i + size) % size;
      const totalMs = this.#totalMs[slot] ?? Number.NaN;
      yield {
        at: this.#at[slot] ?? 0,
        outcome: OUTCOME_CODES[this.#outcome[slot] ?? 0] ?? "answered",
        totalMs: Number.isNaN(totalMs) ? null : totalMs,
      };
    }
  }

  /** The part of the probes since then that were answered and came out up or degraded, 0 to 1; null without probes. */
  availability(since: number): number | null {
    let all = 0;
    let served = 0;
    for (const { at, outcome } of this.entries()) {
      if (at < since) continue;
      all++;
      if (isAnswer(outcome) && stateOf(outcome) !== "down") served++;
    }
    return all === 0 ? null : served / all;
  }
}
