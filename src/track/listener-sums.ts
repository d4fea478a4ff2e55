// A tracked census summed up: each listener's connections by proof, and its largest sources. Walks the columns once; an
// object is made only for a source that is told.

import { type Network, PROOF_COUNT, type ProofCounts, SOURCE_WORDS, sourceBits } from "../model/index.ts";
import type { TrackedCensus } from "./tracked-census.ts";
import { proofCounts } from "./tracker.ts";

/** All sources of one listener together. */
export interface ListenerSum {
  readonly connections: number;
  readonly proofs: ProofCounts;
  /** How many sources hold a connection. */
  readonly sources: number;
  /** Connections of the largest sources, in descending order. */
  readonly largest: readonly number[];
}

/** A listener with those of its sources that hold the most, in descending order. */
export interface ListenerSources {
  readonly name: string;
  readonly connections: number;
  readonly proofs: ProofCounts;
  readonly sources: readonly {
    readonly source: Network;
    readonly connections: number;
    readonly proofs: ProofCounts;
  }[];
}

/** One sum a listener, in the census's order; `largest` is told of so many sources. */
export function sumByListener({ listeners, rows }: TrackedCensus, largest: number): ListenerSum[] {
  const sums = listeners.map(() => new RunningSum(largest));
  for (let row = 0; row < rows.length; row++) sums[rows.listener[row]!]!.add(rows.counts, row);
  return sums.map((sum) => sum.total());
}

/** The `top` largest sources of each listener. */
export function largestByListener(census: TrackedCensus, top: number): ListenerSources[] {
  const { rows } = census;
  const sums = sumByListener(census, 0);
  const holding = census.listeners.map((): number[] => []);
  for (let row = 0; row < rows.length; row++) {
    if (connectionsInRow(rows.counts, row) > 0) holding[rows.listener[row]!]!.push(row);
  }
  return census.listeners.map(({ name }, i) => ({
    name,
    connections: sums[i]!.connections,
    proofs: sums[i]!.proofs,
    sources: rowsByCount(rows.counts, holding[i]!, top).map((row) => ({
      source: sourceAt(census, row),
      connections: connectionsInRow(rows.counts, row),
      proofs: proofCounts(rows.counts, row),
    })),
  }));
}

class RunningSum {
  readonly #proofs = new Uint32Array(PROOF_COUNT);
  readonly #largest: number[] = [];
  readonly #told: number;
  #sources = 0;

  constructor(told: number) {
    this.#told = told;
  }

  add(counts: Uint32Array, row: number): void {
    const proofs = this.#proofs;
    let held = 0;
    for (let proof = 0; proof < PROOF_COUNT; proof++) {
      const count = counts[PROOF_COUNT * row + proof]!;
      proofs[proof]! += count;
      held += count;
    }
    if (held === 0) return;
    this.#sources++;
    this.#keepLargest(held);
  }

  #keepLargest(held: number): void {
    const largest = this.#largest;
    const least = largest.length < this.#told ? 0 : (largest.at(-1) ?? Number.POSITIVE_INFINITY);
    if (held <= least) return;
    const at = largest.findIndex((other) => other < held);
    largest.splice(at === -1 ? largest.length : at, 0, held);
    if (largest.length > this.#told) largest.pop();
  }

  total(): ListenerSum {
    return {
      connections: connectionsInRow(this.#proofs, 0),
      proofs: proofCounts(this.#proofs, 0),
      sources: this.#sources,
      largest: this.#largest,
    };
  }
}

function rowsByCount(counts: Uint32Array, rows: readonly number[], top: number): number[] {
  return rows
    .map((row) => ({ row, held: connectionsInRow(counts, row) }))
    .sort((a, b) => b.held - a.held)
    .slice(0, top)
    .map(({ row }) => row);
}

function connectionsInRow(counts: Uint32Array, row: number): number {
  let connections = 0;
  for (let proof = 0; proof < PROOF_COUNT; proof++) connections += counts[PROOF_COUNT * row + proof]!;
  return connections;
}

function sourceAt({ rows, prefixes }: TrackedCensus, row: number): Network {
  const words = rows.source.slice(SOURCE_WORDS * row, SOURCE_WORDS * (row + 1));
  const address = new Uint8Array(words.buffer);
  return { address, bits: sourceBits(address, prefixes) };
}
