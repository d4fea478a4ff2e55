// Standings: for how many connections with merit each source is known. A standing grows slowly, so that a hoarder
// cannot buy it with an hour of pings. It is forgotten slowly, so that an office of 300 phones is still known after a
// weekend. Sources with few connections have no standing: a standing protects only larger ones.

import { formatNetwork, isIpv4, parseNetwork } from "../model/index.ts";
import type { JudgeState, Standing } from "./judge-types.ts";
import { NETWORK_BITS } from "./keys.ts";
import { type SourceRow, sourceKey, type View, widen } from "./view.ts";

/** Fewer connections with merit than this are not worth remembering. */
export const REMEMBERED_MIN = 3;
const STANDINGS_MAX = 20_000;
const GROW_MS = 30 * 60 * 1000;
const HALF_LIFE_MS = 7 * 24 * 60 * 60 * 1000;
/** An honest source has a few more than usual at times. */
const MARGIN = 1.25;
const MARGIN_LEAST = 2;

/** How many connections a source may hold without standing out. */
export function expectedOf(standing: Standing | undefined): number {
  return standing === undefined ? MARGIN_LEAST : Math.ceil(MARGIN * standing.expected) + MARGIN_LEAST;
}

/** Whether the source is known for more than a household has. */
export function isKnown(standing: Standing | undefined): boolean {
  return standing !== undefined && standing.expected >= REMEMBERED_MIN;
}

/** The networks of known sources, by listener's name and network as people write it. */
export function knownNetworks(standings: Iterable<Standing>): Set<string> {
  const known = new Set<string>();
  for (const standing of standings) {
    const source = isKnown(standing) ? parseNetwork(standing.source) : null;
    if (source === null) continue;
    for (const bits of isIpv4(source.address) ? NETWORK_BITS.ipv4 : NETWORK_BITS.ipv6) {
      if (bits <= source.bits) known.add(sourceKey(standing.listener, formatNetwork(widen(source, bits))));
    }
  }
  return known;
}

/**
 * The first scan of a listener sets its standings, if none are remembered: every source is known for what it already
 * has. So a proxy that has held 1 600 registered phones since before the start has not risen, however tight the slots
 * are. A restart of ours is no first scan, else it would be an amnesty for a source that is being kept down.
 */
export function introduced(state: JudgeState, view: View): JudgeState {
  const remembered = new Set([...state.standings.values()].map(({ listener }) => listener));
  const unseen = view.listeners.map(({ name }) => !state.pressures.has(name) && !remembered.has(name));
  if (!unseen.includes(true)) return state;
  const standings = new Map(state.standings);
  for (const source of view.withMerits(REMEMBERED_MIN)) {
    if (unseen[source.listener]) remember(standings, view, source, { now: view.takenAt, elapsedMs: null });
  }
  return { ...state, standings };
}

/** Lets standings follow what sources have, while there is room. */
export function followStandings(
  { standings, steppedAt }: JudgeState,
  view: View,
  { now, calm }: { readonly now: number; readonly calm: (listener: number) => boolean },
): ReadonlyMap<string, Standing> {
  const next = new Map(standings);
  const elapsedMs = steppedAt === null ? 0 : Math.max(0, now - steppedAt);
  for (const source of view.withMerits(REMEMBERED_MIN)) {
    if (calm(source.listener)) remember(next, view, source, { now, elapsedMs });
  }
  return next.size > STANDINGS_MAX ? largest(next) : next;
}

function remember(
  standings: Map<string, Standing>,
  view: View,
  source: SourceRow,
  { now, elapsedMs }: { readonly now: number; readonly elapsedMs: number | null },
): void {
  const key = view.keyOf(source);
  const known = standings.get(key);
  standings.set(key, {
    listener: view.listeners[source.listener]!.name,
    source: view.textOf(source),
    expected: nextExpected(known, source.merits, { now, elapsedMs }),
    firstSeen: known?.firstSeen ?? now,
    lastSeen: now,
  });
}

function nextExpected(
  known: Standing | undefined,
  merits: number,
  { now, elapsedMs }: { readonly now: number; readonly elapsedMs: number | null },
): number {
  if (elapsedMs === null) return Math.max(merits, known?.expected ?? 0);
  const before = known?.expected ?? 0;
  const kept = known === undefined ? 0 : before * 2 ** (-Math.max(0, now - known.lastSeen) / HALF_LIFE_MS);
  if (merits <= kept) return kept;
  return kept + (merits - kept) * (1 - Math.exp(-elapsedMs / GROW_MS));
}

function largest(standings: ReadonlyMap<string, Standing>): Map<string, Standing> {
  const order = [...standings].sort(([, a], [, b]) => b.expected - a.expected || b.lastSeen - a.lastSeen);
  return new Map(order.slice(0, STANDINGS_MAX));
}
