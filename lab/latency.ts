// Latencies in bounded memory: one count for each tenth of a millisecond up to a second, and one for all above.

const PER_MS = 10;
const BUCKETS = 1000 * PER_MS;

export class Latencies {
  readonly #counts = new Uint32Array(BUCKETS + 1);
  #total = 0;
  #maxMs = 0;

  add(ms: number): void {
    this.#counts[Math.min(BUCKETS, Math.floor(ms * PER_MS))]!++;
    this.#total++;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  /** p50, p95 and the maximum. p50 and p95 are rounded up to a tenth of a millisecond, and never above the true maximum. */
  summary(): { readonly p50: number; readonly p95: number; readonly max: number } {
    return { p50: this.#quantile(0.5), p95: this.#quantile(0.95), max: this.#maxMs };
  }

  #quantile(share: number): number {
    const rank = Math.ceil(this.#total * share);
    let seen = 0;
    for (let i = 0; i < BUCKETS; i++) {
      seen += this.#counts[i]!;
      if (seen >= rank) return Math.min(this.#maxMs, (i + 1) / PER_MS);
    }
    return this.#maxMs;
  }
}
