// Which connections have not behaved as honest clients do, by source. Only connections that a source can be
// blamed for: not those that the program leaks or does not accept, nor those that a dead network leaves behind.

import type { SourceObservation } from "./observation.ts";
import { fellQuiet, inHonestUse, neverSpoke, young } from "./shown.ts";

/** Kinds of unproven connections, with how certain it is that no honest client has many of them. */
export const SUSPECT_KINDS = {
  /** Never sent a byte for longer than an honest client takes to speak. */
  silent: 0.97,
  /** Takes no data and keeps the window shut. */
  shut: 0.95,
  /** Nothing but keep-alives, ever. */
  pings: 0.9,
  /** One exchange, or words that nobody answered, and nothing more for longer than the protocol allows. */
  onceHeld: 0.88,
  /** Young; counted only where slots are scarce. */
  young: 0.66,
  /** All of a source's connections spoke and then fell quiet together. */
  quiet: 0.6,
} as const;

export type SuspectKind = keyof typeof SUSPECT_KINDS;

export interface SourceSuspicion {
  readonly source: SourceObservation;
  readonly kinds: Readonly<Record<SuspectKind, number>>;
  readonly total: number;
}

export interface Suspects {
  /** The largest first; sources with none are left out. */
  readonly sources: readonly SourceSuspicion[];
  readonly kinds: Readonly<Record<SuspectKind, number>>;
  readonly total: number;
}

export interface SuspectOptions {
  /** Slots are scarce: young connections count as well. */
  readonly tight: boolean;
  /** The owner has no descriptor left: who is silent in the accept queue waits for the rest of the hoard. */
  readonly exhausted: boolean;
  /** Young connections of one source that count where slots are scarce. */
  readonly youngMin: number;
}

/** One or two connections of an address that fell quiet are a phone that went away, not a hoard. */
export const HELD_PER_SOURCE_MIN = 3;
/** So many connections of one source that fell quiet together, with hardly one that goes on, are no coincidence. */
const QUIET_PER_SOURCE_MIN = 20;
const QUIET_IN_USE_SHARE_MAX = 0.1;

export function findSuspects(sources: readonly SourceObservation[], options: SuspectOptions): Suspects {
  const suspicions: SourceSuspicion[] = [];
  const sum: Record<SuspectKind, number> = noKinds();
  for (const source of sources) {
    const kinds = suspectKinds(source, options);
    const total = sumOfKinds(kinds);
    if (total === 0) continue;
    suspicions.push({ source, kinds, total });
    for (const kind of KINDS) sum[kind] += kinds[kind];
  }
  suspicions.sort((a, b) => b.total - a.total);
  return { sources: suspicions, kinds: sum, total: sumOfKinds(sum) };
}

/** How certain it is that these are nobody's honest connections: the mean of their kinds. */
export function certaintyOf(kinds: Readonly<Record<SuspectKind, number>>): number {
  const weighted = KINDS.reduce((sum, kind) => sum + kinds[kind] * SUSPECT_KINDS[kind], 0);
  const total = sumOfKinds(kinds);
  return total === 0 ? 0 : weighted / total;
}

export const KINDS: readonly SuspectKind[] = Object.keys(SUSPECT_KINDS) as SuspectKind[];

function noKinds(): Record<SuspectKind, number> {
  return { silent: 0, shut: 0, pings: 0, onceHeld: 0, young: 0, quiet: 0 };
}

function sumOfKinds(kinds: Readonly<Record<SuspectKind, number>>): number {
  return KINDS.reduce((sum, kind) => sum + kinds[kind], 0);
}

function suspectKinds(
  { accepted, waiting, pingsBefore }: SourceObservation,
  options: SuspectOptions,
): Record<SuspectKind, number> {
  // A client may begin with a keep-alive or be in the middle of its TLS handshake; these were no further at the first scan.
  const lasting = Math.min(accepted.pings, pingsBefore);
  const news = young(accepted) - lasting;
  // A source where most connections are in use is an office that makes a call.
  const youngCounts = options.tight && news >= options.youngMin && news > inHonestUse(accepted);
  const quiet = fellQuiet(accepted);
  const together = quiet >= QUIET_PER_SOURCE_MIN && inHonestUse(accepted) < QUIET_IN_USE_SHARE_MAX * quiet;
  return {
    silent: neverSpoke(accepted) + (options.exhausted ? neverSpoke(waiting) : 0),
    shut: accepted.shut,
    pings: accepted.pingsHeld + lasting,
    onceHeld: accepted.onceHeld >= HELD_PER_SOURCE_MIN ? accepted.onceHeld : 0,
    young: youngCounts ? news : 0,
    quiet: together ? quiet : 0,
  };
}
