// Counts the rows of a socket table by listener, source and conduct. Hot: the loop over every socket of a scan
// (bench/look.ts); it allocates nothing.

import type { SocketTable } from "../linux/index.ts";
import {
  ADDRESS_BYTES,
  CONDUCTS,
  type ConductCounts,
  maskBits,
  type Profile,
  type SourcePrefixes,
} from "../model/index.ts";
import { conductOf, isDialled } from "./conduct.ts";
import { type EndpointIndex, NO_LISTENER } from "./endpoints.ts";
import { CONDUCT_COUNT, SOURCE_WORDS, type Tally, type TallyRows } from "./tally.ts";

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
  const masks = prefixMasks(prefixes);
  const source = new Uint32Array(SOURCE_WORDS);
  const { remote } = table;
  let outbound = 0;
  for (let row = 0; row < table.length; row++) {
    const listener = index.match(table, row);
    if (listener === NO_LISTENER || isDialled(table, row)) {
      outbound++;
      rowOf[row] = NO_ROW;
      continue;
    }
    const at = SOURCE_WORDS * row;
    const ipv4 = remote[at] === 0 && remote[at + 1] === 0 && remote[at + 2] === MAPPED_WORD;
    const mask = ipv4 ? masks.ipv4 : masks.ipv6;
    for (let i = 0; i < SOURCE_WORDS; i++) source[i] = remote[at + i]! & mask[i]!;
    rowOf[row] = tally.add(listener, source, 0, conductOf(table, row, profiles[listener]!));
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

/** The third word of a v4-mapped address, in network order as a little-endian host reads it. */
const MAPPED_WORD = 0xffff0000;

/** Masks for addresses as they lie in a table: all ones, masked as any address is. */
function prefixMasks(prefixes: SourcePrefixes): { readonly ipv4: Uint32Array; readonly ipv6: Uint32Array } {
  return { ipv4: maskWords(96 + prefixes.ipv4), ipv6: maskWords(prefixes.ipv6) };
}

function maskWords(bits: number): Uint32Array {
  const ones = new Uint8Array(ADDRESS_BYTES).fill(0xff);
  return new Uint32Array(maskBits(ones, bits).buffer);
}
