// What a scan saw, in numbers small enough to be handed to the main thread every time.

import { SOURCE_WORDS } from "../census/index.ts";
import type { Judgement } from "../judge/index.ts";
import { formatNetwork, type Network, PROOF_COUNT, sourceBits } from "../model/index.ts";
import { proofCounts, type TrackedCensus, type TrackedListener } from "../track/index.ts";
import type { ListenerSeen, ListenerSources, Scanned } from "./messages.ts";

/** Sources of a listener whose counts are told. */
export const LARGEST = 5;

export function scannedOf(
  census: TrackedCensus,
  judgement: Judgement,
  { judgeMs, bans, caps }: { readonly judgeMs: number; readonly bans: number; readonly caps: number },
): Scanned {
  const sums = sumByListener(census);
  return {
    at: census.takenAt,
    scanMs: census.scanMs,
    judgeMs,
    sockets: census.sockets,
    losses: Object.values(census.losses).reduce((sum: number, count) => sum + Number(count), 0),
    listeners: census.listeners.map((listener, i) => seenOf(listener, sums[i]!, judgement)),
    bans,
    caps,
    nextScan: judgement.nextScan,
  };
}

interface Sums {
  readonly proofs: Uint32Array;
  sources: number;
  /** In descending order. */
  readonly largest: number[];
}

function sumByListener({ listeners, rows }: TrackedCensus): Sums[] {
  const sums = listeners.map((): Sums => ({ proofs: new Uint32Array(PROOF_COUNT), sources: 0, largest: [] }));
  for (let row = 0; row < rows.length; row++) {
    const sum = sums[rows.listener[row]!]!;
    let held = 0;
    for (let proof = 0; proof < PROOF_COUNT; proof++) {
      const count = rows.counts[PROOF_COUNT * row + proof]!;
      sum.proofs[proof]! += count;
      held += count;
    }
    if (held === 0) continue;
    sum.sources++;
    keepLargest(sum.largest, held);
  }
  return sums;
}

function keepLargest(largest: number[], held: number): void {
  if (largest.length === LARGEST && held <= largest[LARGEST - 1]!) return;
  const at = largest.findIndex((other) => other < held);
  largest.splice(at === -1 ? largest.length : at, 0, held);
  if (largest.length > LARGEST) largest.pop();
}

function seenOf(
  listener: TrackedListener,
  { proofs, sources, largest }: Sums,
  judgement: Judgement,
): ListenerSeen {
  const backlogs = listener.endpoints.map(({ backlog }) => backlog);
  return {
    name: listener.name,
    pressure: judgement.pressures.get(listener.name) ?? "calm",
    connections: proofs.reduce((sum, count) => sum + count, 0),
    used: listener.used,
    slots: listener.slots,
    slotsFrom: listener.slotsFrom,
    slotsWhere: listener.slotsWhere,
    fdUsed: listener.owner?.fdUsed ?? null,
    fdLimit: listener.owner?.fdLimit ?? null,
    processes: listener.processes.length,
    backlog:
      backlogs.length === 0
        ? null
        : backlogs.reduce((worst, next) => (next.used > worst.used ? next : worst)),
    conduct: listener.conduct,
    proofs: proofCounts(proofs, 0),
    sources,
    largest,
  };
}

/** The `top` largest sources of each listener. */
export function largestSources(census: TrackedCensus, top: number): ListenerSources[] {
  const sums = sumByListener(census);
  const rows = census.listeners.map((): { row: number; held: number }[] => []);
  for (let row = 0; row < census.rows.length; row++) {
    const held = heldBy(census.rows.counts, row);
    if (held > 0) rows[census.rows.listener[row]!]!.push({ row, held });
  }
  return census.listeners.map(({ name }, i) => ({
    name,
    connections: sums[i]!.proofs.reduce((sum, count) => sum + count, 0),
    proofs: proofCounts(sums[i]!.proofs, 0),
    sources: rows[i]!.sort((a, b) => b.held - a.held)
      .slice(0, top)
      .map(({ row, held }) => ({
        source: formatNetwork(sourceOf(census, row)),
        connections: held,
        proofs: proofCounts(census.rows.counts, row),
      })),
  }));
}

function heldBy(counts: Uint32Array, row: number): number {
  let held = 0;
  for (let proof = 0; proof < PROOF_COUNT; proof++) held += counts[PROOF_COUNT * row + proof]!;
  return held;
}

/** The source of a row. */
export function sourceOf({ rows, prefixes }: TrackedCensus, row: number): Network {
  const words = rows.source.slice(SOURCE_WORDS * row, SOURCE_WORDS * (row + 1));
  const address = new Uint8Array(words.buffer);
  return { address, bits: sourceBits(address, prefixes) };
}
