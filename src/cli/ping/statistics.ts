// The sums over all probes of a run. Pure; bounded however long the run is.

import { isAnswer, type Outcome, type ProbeResult, type State, stateOf } from "../../sip/index.ts";

/** Values kept for the percentile: the latest ones. */
const TIMES_MAX = 10_000;

export interface PingSummary {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
  readonly states: Readonly<Record<State, number>>;
  readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  /** Of the answered probes' total times, in milliseconds; null where none was answered. */
  readonly min: number | null;
  readonly avg: number | null;
  readonly p95: number | null;
  readonly max: number | null;
  readonly mdev: number | null;
}

export class PingStatistics {
  #sent = 0;
  #answered = 0;
  #sum = 0;
  #sumOfSquares = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;
  readonly #times: number[] = [];
  readonly #states: Record<State, number> = { up: 0, degraded: 0, down: 0 };
  readonly #outcomes: Partial<Record<Outcome, number>> = {};

  add({ outcome, ms }: ProbeResult): void {
    this.#sent++;
    this.#states[stateOf(outcome)]++;
    this.#outcomes[outcome] = (this.#outcomes[outcome] ?? 0) + 1;
    if (!isAnswer(outcome) || ms.total === null) return;
    const slot = this.#answered++ % TIMES_MAX;
    this.#times[slot] = ms.total;
    this.#sum += ms.total;
    this.#sumOfSquares += ms.total ** 2;
    this.#min = Math.min(this.#min, ms.total);
    this.#max = Math.max(this.#max, ms.total);
  }

  summary(): PingSummary {
    const counts = {
      sent: this.#sent,
      answered: this.#answered,
      lost: this.#sent - this.#answered,
      states: { ...this.#states },
      outcomes: { ...this.#outcomes },
    };
    if (this.#answered === 0) return { ...counts, min: null, avg: null, p95: null, max: null, mdev: null };
    const avg = this.#sum / this.#answered;
    const variance = Math.max(0, this.#sumOfSquares / this.#answered - avg ** 2);
    return {
      ...counts,
      min: this.#min,
      avg,
      p95: percentile(this.#times, 0.95),
      max: this.#max,
      mdev: Math.sqrt(variance),
    };
  }
}

/** The nearest-rank percentile of at least one value. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(fraction * sorted.length) - 1)]!;
}
