// Picks the sources that a screen shows out of very many. Hot: it runs over every source for each frame. A heap keeps
// the wanted ones, so that all others are compared once and never sorted. Pure.

import type { CensusGrowth } from "../../census/index.ts";
import { CONDUCTS } from "../../model/index.ts";
import type { SortKey } from "./view-state.ts";

export interface Ranking {
  readonly sort: SortKey;
  readonly reversed: boolean;
  /** By row: 1 for the sources to rank; null for all. */
  readonly only: Uint8Array | null;
}

/** Rows `from` to `from + count` of the order. */
export function rankSources(growth: CensusGrowth, ranking: Ranking, from: number, count: number): number[] {
  const candidates = candidateRows(growth.sources.length, ranking.only);
  const compare = order(growth, ranking);
  const wanted = Math.min(from + count, candidates.length);
  // Far down, one sort is cheaper than a heap of almost everything.
  const first =
    4 * wanted > candidates.length ? candidates.sort(compare) : firstOf(candidates, wanted, compare);
  return [...first.subarray(from, wanted)];
}

type Compare = (a: number, b: number) => number;

/** Largest first, and by ascending address; equal ones by connections, then address, so that rows keep their places. */
function order({ sources, held, perSecond }: CensusGrowth, { sort, reversed }: Ranking): Compare {
  const byAddress = addressOrder(sources.source);
  const bySize: Compare = (a, b) => held[b]! - held[a]! || byAddress(a, b);
  const silent = CONDUCTS.indexOf("silent");
  const orders: Readonly<Record<SortKey, Compare>> = {
    connections: bySize,
    growth: perSecond === null ? bySize : (a, b) => perSecond[b]! - perSecond[a]! || bySize(a, b),
    silent: (a, b) =>
      sources.counts[CONDUCTS.length * b + silent]! - sources.counts[CONDUCTS.length * a + silent]! ||
      bySize(a, b),
    source: byAddress,
  };
  const compare = orders[sort];
  return reversed ? (a, b) => compare(b, a) : compare;
}

/** As addresses read: by their bytes, IPv4 (::ffff:0:0/96) before IPv6 networks. */
function addressOrder(source: Uint32Array): Compare {
  const bytes = new DataView(source.buffer, source.byteOffset, source.byteLength);
  return (a, b) => {
    for (let i = 0; i < 16; i += 4) {
      const difference = bytes.getUint32(16 * a + i) - bytes.getUint32(16 * b + i);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

function candidateRows(length: number, only: Uint8Array | null): Uint32Array {
  const rows = new Uint32Array(length);
  for (let row = 0; row < length; row++) rows[row] = row;
  return only === null ? rows : rows.filter((row) => only[row] === 1);
}

/** The first `wanted` rows of the order, by a heap whose root is the last of those kept. */
function firstOf(rows: Uint32Array, wanted: number, compare: Compare): Uint32Array {
  const heap = rows.slice(0, wanted);
  for (let i = (wanted >> 1) - 1; i >= 0; i--) sink(heap, i, compare);
  for (let i = wanted; i < rows.length && wanted > 0; i++) {
    if (compare(rows[i]!, heap[0]!) >= 0) continue;
    heap[0] = rows[i]!;
    sink(heap, 0, compare);
  }
  return heap.sort(compare);
}

function sink(heap: Uint32Array, from: number, compare: Compare): void {
  let at = from;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) return;
    if (child + 1 < heap.length && compare(heap[child + 1]!, heap[child]!) > 0) child++;
    if (compare(heap[child]!, heap[at]!) <= 0) return;
    const row = heap[at]!;
    heap[at] = heap[child]!;
    heap[child] = row;
    at = child;
  }
}
