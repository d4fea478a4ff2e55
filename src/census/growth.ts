// How fast things grow from scan to scan: the connections of each source, listener and owner.
//
//   scan   t-5s  t-4s  t-3s  t-2s  t-1s   t
//            |________________ rate ______|      (held now - held then) / (now - then)
//
// A rate over a window of five seconds is steady enough to read and drops to nothing five seconds after a burst. Hot: the
// join of two scans by source, which allocates columns and nothing per source.

import { holdingCount, SOURCE_WORDS } from "../model/index.ts";
import type { Census } from "./census.ts";
import { conductCounts } from "./count.ts";
import { type Headroom, headroomOf, ratesPerSecond, usedByListener } from "./headroom.ts";
import { heldBy, type SourceCensus, sourceText } from "./sources.ts";
import { Tally, type TallyRows } from "./tally.ts";

export const GROWTH_WINDOW_MS = 5000;

/** Scans closer to the one before are not remembered, so that the window holds a dozen at most. */
const SAMPLE_EVERY_MS = 450;

/** What a scan is remembered by: 20 bytes a source. */
interface Sample {
  readonly atMs: number;
  /** SOURCE_WORDS a source. */
  readonly addresses: Uint32Array;
  /** Connections by source. */
  readonly held: Uint32Array;
  /** Connections by the listener's name. */
  readonly listeners: ReadonlyMap<string, number>;
  /** Connections of its owner by the listener's name. */
  readonly used: ReadonlyMap<string, number>;
}

/** A census with what has changed since earlier ones. Rates are per second, null after the first scan. */
export interface CensusGrowth extends Sample {
  readonly census: Census;
  /** One row a source, in the order of `addresses`. */
  readonly sources: TallyRows;
  /** For each row of the census its row in `sources`, which has one row a source. */
  readonly sourceOfRow: Uint32Array;
  /** By row of `sources`. */
  readonly perSecond: Float64Array | null;
  readonly listenersPerSecond: ReadonlyMap<string, number>;
  /** In the order of the census's listeners. */
  readonly headrooms: readonly Headroom[];
  /** Earlier scans within the window, the oldest first. */
  readonly past: readonly Sample[];
}

/** Adds a scan. `atMs` is a monotonic clock. */
export function followGrowth(previous: CensusGrowth | null, census: Census, atMs: number): CensusGrowth {
  const { sources, sourceOfRow } = mergeBySource(census.rows);
  const held = heldByRow(sources);
  const listeners = new Map(census.listeners.map(({ name, conduct }) => [name, holdingCount(conduct)]));
  const used = usedByListener(census.listeners);
  const now: Sample = { atMs, addresses: sources.source, held, listeners, used };
  const past = previous === null ? [] : samplesWithin(previous, atMs);
  const then = past[0];
  const seconds = then === undefined ? 0 : (atMs - then.atMs) / 1000;
  const usedPerSecond = ratesPerSecond(then?.used, used, seconds);
  return {
    ...now,
    census,
    sources,
    sourceOfRow,
    perSecond: then === undefined ? null : sourcesPerSecond(then, now, seconds),
    listenersPerSecond: ratesPerSecond(then?.listeners, listeners, seconds),
    headrooms: census.listeners.map((listener) => headroomOf(listener, usedPerSecond.get(listener.name))),
    past,
  };
}

export interface SourceGrowth extends SourceCensus {
  readonly perSecond: number | null;
}

/** The given rows of `sources`, as people read them. */
export function describeSources(growth: CensusGrowth, rows: readonly number[]): SourceGrowth[] {
  const { census, sources, held, sourceOfRow, perSecond } = growth;
  const listeners = new Map(rows.map((row) => [row, {} as Record<string, number>]));
  for (let row = 0; row < sourceOfRow.length; row++) {
    const found = listeners.get(sourceOfRow[row]!);
    if (found === undefined) continue;
    const here = heldBy(census.rows.counts, row);
    if (here > 0) found[census.listeners[census.rows.listener[row]!]!.name] = here;
  }
  return rows.map((row) => ({
    source: sourceText(census, sources, row),
    connections: held[row]!,
    conduct: conductCounts(sources.counts, row),
    listeners: listeners.get(row)!,
    perSecond: perSecond === null ? null : perSecond[row]!,
  }));
}

/** The scans to remember at `atMs`: those within the window, and the latest one whatever its age. */
function samplesWithin(previous: CensusGrowth, atMs: number): readonly Sample[] {
  const { addresses, held, listeners, used, past } = previous;
  const latest: Sample = { atMs: previous.atMs, addresses, held, listeners, used };
  const earlier = past.filter((sample) => atMs - sample.atMs <= GROWTH_WINDOW_MS + SAMPLE_EVERY_MS);
  const last = earlier.at(-1);
  const skipped = last !== undefined && latest.atMs - last.atMs < SAMPLE_EVERY_MS;
  return skipped ? earlier : [...earlier, latest];
}

/** Owned by this file and only used within a call: growing a table anew for every scan costs more than filling it. */
const scratch = new Tally();

/** One row a source, and for each row of the census the one that it went into. */
function mergeBySource(rows: TallyRows): { readonly sources: TallyRows; readonly sourceOfRow: Uint32Array } {
  scratch.clear();
  const sourceOfRow = new Uint32Array(rows.length);
  for (let row = 0; row < rows.length; row++) sourceOfRow[row] = scratch.merge(rows, row, 0);
  return { sources: scratch.rows(), sourceOfRow };
}

function heldByRow(sources: TallyRows): Uint32Array {
  const held = new Uint32Array(sources.length);
  for (let row = 0; row < sources.length; row++) held[row] = heldBy(sources.counts, row);
  return held;
}

/** A source that was not there held nothing. */
function sourcesPerSecond(then: Sample, now: Sample, seconds: number): Float64Array {
  const rates = new Float64Array(now.held.length);
  if (seconds <= 0) return rates;
  // The earlier rows go in first and keep their numbers, so that a number says which of them a source was.
  const join = scratch;
  join.clear();
  for (let row = 0; row < then.held.length; row++) join.enter(0, then.addresses, SOURCE_WORDS * row);
  for (let row = 0; row < now.held.length; row++) {
    const before = join.enter(0, now.addresses, SOURCE_WORDS * row);
    const heldBefore = before < then.held.length ? then.held[before]! : 0;
    rates[row] = (now.held[row]! - heldBefore) / seconds;
  }
  return rates;
}
