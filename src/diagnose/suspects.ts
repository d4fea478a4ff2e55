// Which connections have not behaved as honest clients do, by source. Only what a source can be blamed for: what the
// program leaks, what is not accepted, and what a dead network leaves behind is not in here.

import type { SpeechCounts } from "../census/index.ts";
import type { SourceObservation } from "./observation.ts";

/** Kinds of unproven connections, with how certain it is that no honest client has many of them. */
export const SUSPECT_KINDS = {
  /** Never sent a byte for longer than an honest client takes to speak. */
  mute: 0.97,
  /** Takes no data and keeps the window shut. */
  notReading: 0.95,
  /** Nothing but keep-alives, ever. */
  keepAlives: 0.9,
  /** One message, then nothing for longer than the protocol allows. */
  heldAfterOnce: 0.88,
  /** Young, with one message or none; counted only where slots are scarce. */
  young: 0.66,
  /** All of a source's connections spoke and then fell quiet together. */
  fallenQuiet: 0.6,
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
const QUIET_TALKING_SHARE_MAX = 0.1;

export function findSuspects(sources: readonly SourceObservation[], options: SuspectOptions): Suspects {
  const suspicions: SourceSuspicion[] = [];
  const sum: Record<SuspectKind, number> = noKinds();
  for (const source of sources) {
    const kinds = suspectKinds(source.speech, options);
    const total = totalOf(kinds);
    if (total === 0) continue;
    suspicions.push({ source, kinds, total });
    for (const kind of KINDS) sum[kind] += kinds[kind];
  }
  suspicions.sort((a, b) => b.total - a.total);
  return { sources: suspicions, kinds: sum, total: totalOf(sum) };
}

/** How certain it is that these are nobody's honest connections: the mean of their kinds. */
export function certaintyOf(kinds: Readonly<Record<SuspectKind, number>>): number {
  const weighted = KINDS.reduce((sum, kind) => sum + kinds[kind] * SUSPECT_KINDS[kind], 0);
  const total = totalOf(kinds);
  return total === 0 ? 0 : weighted / total;
}

export const KINDS: readonly SuspectKind[] = Object.keys(SUSPECT_KINDS) as SuspectKind[];

export function noKinds(): Record<SuspectKind, number> {
  return { mute: 0, notReading: 0, keepAlives: 0, heldAfterOnce: 0, young: 0, fallenQuiet: 0 };
}

export function totalOf(kinds: Readonly<Record<SuspectKind, number>>): number {
  return KINDS.reduce((sum, kind) => sum + kinds[kind], 0);
}

function suspectKinds(speech: SpeechCounts, options: SuspectOptions): Record<SuspectKind, number> {
  const young = speech.unheard + speech.spokeOnce;
  // A source where most connections go on talking is an office that makes a call.
  const youngCounts = options.tight && young >= options.youngMin && young > speech.talking;
  const quietTogether =
    speech.fallenQuiet >= QUIET_PER_SOURCE_MIN &&
    speech.talking < QUIET_TALKING_SHARE_MAX * speech.fallenQuiet;
  return {
    mute: speech.mute + (options.exhausted ? speech.queuedMute : 0),
    notReading: speech.notReading,
    keepAlives: speech.keepAlives,
    heldAfterOnce: speech.heldAfterOnce >= HELD_PER_SOURCE_MIN ? speech.heldAfterOnce : 0,
    young: youngCounts ? young : 0,
    fallenQuiet: quietTogether ? speech.fallenQuiet : 0,
  };
}
