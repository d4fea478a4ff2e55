// A census by source: what each one holds over all listeners, the largest first.

import { CONDUCTS, type ConductCounts, formatSource, HOLDING, SOURCE_WORDS } from "../model/index.ts";
import type { Census, Counted } from "./census.ts";
import { conductCounts } from "./count.ts";
import { CONDUCT_COUNT, Tally, type TallyRows } from "./tally.ts";

export interface SourceCensus {
  /** IPv4 bare, IPv6 with its prefix length. */
  readonly source: string;
  /** Connections that hold or will hold a descriptor. */
  readonly connections: number;
  readonly conduct: ConductCounts;
  /** Connections by the listener's name. */
  readonly listeners: Readonly<Record<string, number>>;
}

const HOLDING_INDEXES = HOLDING.map((conduct) => CONDUCTS.indexOf(conduct));

/** What a row of a tally holds. */
export function heldBy(counts: Uint32Array, row: number): number {
  let held = 0;
  for (const i of HOLDING_INDEXES) held += counts[CONDUCT_COUNT * row + i]!;
  return held;
}

/** One row a source (listener 0), however many listeners it is connected to. */
export interface MergedSources {
  readonly rows: TallyRows;
  /** For each row of the census the merged row that it went into. */
  readonly mergedOf: Uint32Array;
}

export function mergeListeners(rows: TallyRows): MergedSources {
  const tally = new Tally();
  const mergedOf = Uint32Array.from({ length: rows.length }, (_, row) => tally.merge(rows, row, 0));
  return { rows: tally.rows(), mergedOf };
}

/** The `top` largest sources, or all: by connections, then half-open and closing ones, then address. */
export function largestSources(census: Census, top: number | null): SourceCensus[] {
  const { rows, mergedOf } = mergeListeners(census.rows);
  const order = largestRows(rows).subarray(0, top ?? rows.length);
  const place = new Map([...order].map((row, i) => [row, i]));
  const listeners = Array.from(order, () => ({}) as Record<string, number>);
  for (let row = 0; row < census.rows.length; row++) {
    const at = place.get(mergedOf[row]!);
    const held = heldBy(census.rows.counts, row);
    if (at !== undefined && held > 0) {
      const { name } = census.listeners[census.rows.listener[row]!]!;
      listeners[at]![name] = (listeners[at]![name] ?? 0) + held;
    }
  }
  return Array.from(order, (row, i) => ({
    source: sourceText(census, rows, row),
    connections: heldBy(rows.counts, row),
    conduct: conductCounts(rows.counts, row),
    listeners: listeners[i]!,
  }));
}

/** The source of a row as people write it. */
export function sourceText(census: Counted, rows: TallyRows, row: number): string {
  const words = rows.source.slice(SOURCE_WORDS * row, SOURCE_WORDS * (row + 1));
  return formatSource(new Uint8Array(words.buffer), census.prefixes);
}

/** Row numbers, the largest first. */
function largestRows(rows: TallyRows): Uint32Array {
  const held = Uint32Array.from({ length: rows.length }, (_, row) => heldBy(rows.counts, row));
  const seen = Uint32Array.from({ length: rows.length }, (_, row) => countOfRow(rows.counts, row));
  const order = Uint32Array.from({ length: rows.length }, (_, row) => row);
  return order.sort(
    (a, b) => held[b]! - held[a]! || seen[b]! - seen[a]! || compareSources(rows.source, a, b),
  );
}

function countOfRow(counts: Uint32Array, row: number): number {
  let total = 0;
  for (let i = 0; i < CONDUCT_COUNT; i++) total += counts[CONDUCT_COUNT * row + i]!;
  return total;
}

function compareSources(source: Uint32Array, a: number, b: number): number {
  for (let i = 0; i < SOURCE_WORDS; i++) {
    const order = networkOrder(source[SOURCE_WORDS * a + i]!) - networkOrder(source[SOURCE_WORDS * b + i]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** A word as it was on the wire: addresses compare from their first byte. */
function networkOrder(word: number): number {
  return (
    (word & 0xff) * 2 ** 24 + (((word >>> 8) & 0xff) << 16) + (((word >>> 16) & 0xff) << 8) + (word >>> 24)
  );
}
