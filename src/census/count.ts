// Counts the rows of a socket table by listener, source and conduct. Hot: the loop over every socket of a scan
// (bench/scan.ts); it allocates nothing.

import type { SocketTable } from "../linux/index.ts";
import { CONDUCTS, type ConductCounts, type Profile, type SourcePrefixes } from "../model/index.ts";
import { conductOf, isDialled } from "./conduct.ts";
import { type EndpointIndex, NO_LISTENER } from "./endpoints.ts";
import { SourceReader } from "./source-reader.ts";
import { stuckAtLeastMs } from "./stuck.ts";
import { CONDUCT_COUNT, type Tally, type TallyRows } from "./tally.ts";

/** Of a socket that belongs to no listener. */
export const NO_ROW = -1;

export interface CountBy {
  readonly index: EndpointIndex;
  /** By the listener's number. */
  readonly profiles: readonly Profile[];
  readonly prefixes: SourcePrefixes;
}

/**
 * Adds every connection of `table` to `tally` and writes to `rowOf` which row of it each went into, or NO_ROW. Returns how
 * many sockets belong to no listener.
 */
export function countRows(
  table: SocketTable,
  tally: Tally,
  rowOf: Int32Array,
  { index, profiles, prefixes }: CountBy,
): number {
  const sources = new SourceReader(prefixes);
  const { source } = sources;
  let outbound = 0;
  for (let row = 0; row < table.length; row++) {
    const listener = index.match(table, row);
    if (listener === NO_LISTENER || isDialled(table, row)) {
      outbound++;
      rowOf[row] = NO_ROW;
      continue;
    }
    sources.read(table.remote, row);
    rowOf[row] = tally.add(
      listener,
      source,
      0,
      conductOf(table, row, profiles[listener]!, stuckAtLeastMs(table, row)),
    );
  }
  return outbound;
}

/** The sums of a tally by listener. */
export function conductByListener(rows: TallyRows, listeners: number): ConductCounts[] {
  const sums = Array.from({ length: listeners }, () => new Uint32Array(CONDUCT_COUNT));
  for (let row = 0; row < rows.length; row++) {
    const sum = sums[rows.listener[row]!]!;
    for (let i = 0; i < CONDUCT_COUNT; i++) sum[i]! += rows.counts[CONDUCT_COUNT * row + i]!;
  }
  return sums.map((sum) => conductCounts(sum, 0));
}

/** The counts of one row, by name. */
export function conductCounts(counts: Uint32Array, row: number): ConductCounts {
  const named = CONDUCTS.map((conduct, i) => [conduct, counts[CONDUCT_COUNT * row + i]!] as const);
  return Object.fromEntries(named) as Record<(typeof CONDUCTS)[number], number>;
}
