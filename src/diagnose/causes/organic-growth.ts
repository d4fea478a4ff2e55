// organic-growth: more honest clients than before. Told from an attack by who grows: many sources, each a little, all of
// which talk; and, where days were recorded, by sources growing with connections.

import { percent } from "../../model/index.ts";
import { type Claim, clamp } from "../finding.ts";
import type { HistoryPoint } from "../observation.ts";
import type { Scene } from "../scene.ts";
import { countText, numberText, rateText, waitText } from "../words.ts";

/** Of the growth, and of all connections: a single source with more is a matter of its own. */
const LARGEST_SHARE_MAX = 0.3;
const SUSPECT_SHARE_MAX = 0.3;
const GREW_MIN = 10;
const GROWING_SOURCES_MIN = 10;
/** What happens later than this is for the capacity plan, not for a diagnosis. */
const FULL_WITHIN_SECONDS = 3600;
const NOW_CERTAINTY = 0.78;

const HISTORY_DAYS_MIN = 2;
const HISTORY_RATIO_MIN = 1.5;
/** Connections per source stay about the same when users grow. */
const PER_SOURCE_RATIO_MAX = 2;
const PLAN_DAYS = 60;
const HISTORY_CERTAINTY = 0.9;
const SECONDS_A_DAY = 86_400;

export function findOrganicGrowth(scene: Scene): Claim | null {
  if (scene.suspects.total > SUSPECT_SHARE_MAX * scene.listener.connections) return null;
  return growthOverDays(scene) ?? growthNow(scene);
}

function growthNow(scene: Scene): Claim | null {
  const { listener, headroom, settled, seconds } = scene;
  const { perSecond, secondsToFull } = headroom;
  // Clients that come back after a restart are no growth.
  if (!settled || secondsToFull === null || secondsToFull > FULL_WITHIN_SECONDS) return null;
  const grown = listener.sources
    .map(({ connections, connectionsBefore }) => connections - connectionsBefore)
    .filter((grew) => grew > 0);
  const total = grown.reduce((sum, grew) => sum + grew, 0);
  const most = grown.reduce((largest, grew) => Math.max(largest, grew), 0);
  if (perSecond <= 0 || total < GREW_MIN || grown.length < GROWING_SOURCES_MIN) return null;
  if (most > LARGEST_SHARE_MAX * total) return null;
  const soon = clamp(1 - secondsToFull / FULL_WITHIN_SECONDS);
  return {
    cause: "organic-growth",
    confidence: NOW_CERTAINTY * (0.6 + 0.4 * soon),
    headline: `${countText(grown.length, "source")} opened ${countText(total, "connection")} in ${numberText(seconds)} s, none of them many, and they talk`,
    gist: "Not a hoard: many honest clients at once, or all of them coming back after an outage.",
    evidence: [
      `${listener.name} grows by ${rateText(perSecond)} from ${countText(grown.length, "source")}; the largest part of one source is ${percent(most / total)}.`,
      `At this rate its slots are full in ${waitText(1000 * secondsToFull)}.`,
    ],
    advice: capacityAdvice(scene),
  };
}

function growthOverDays(scene: Scene): Claim | null {
  const { history, listener, headroom } = scene;
  const first = history[0];
  const last = history.at(-1);
  if (first === undefined || last === undefined || first.daysAgo < HISTORY_DAYS_MIN) return null;
  const ratio = listener.connections / Math.max(1, first.connections);
  const sources = listener.sources.filter(({ connections }) => connections > 0).length;
  const perSourceRatio = listener.connections / Math.max(1, sources) / Math.max(0.01, perSource(first));
  const largest = Math.max(0, listener.sources[0]?.connections ?? 0) / Math.max(1, listener.connections);
  if (ratio < HISTORY_RATIO_MIN || perSourceRatio > PER_SOURCE_RATIO_MAX || largest > LARGEST_SHARE_MAX)
    return null;
  if (isJump(history, listener.connections)) return null;
  const perDay = (listener.connections - first.connections) / first.daysAgo;
  const daysLeft =
    headroom.slots === null ? null : Math.max(0, headroom.slots - headroom.used) / Math.max(0.01, perDay);
  if (daysLeft === null || daysLeft > PLAN_DAYS) return null;
  return {
    cause: "organic-growth",
    confidence: HISTORY_CERTAINTY,
    headline: `its connections grew from ${numberText(first.connections)} to ${numberText(listener.connections)} in ${numberText(first.daysAgo)} days, and its sources with them`,
    gist: "Not an attack: more users.",
    evidence: [
      `${numberText(first.daysAgo)} days ago ${listener.name} had ${countText(first.connections, "connection")} from ${countText(first.sources, "source")}, now ${numberText(listener.connections)} from ${numberText(sources)}: ${perSource(first).toFixed(1)} and ${(listener.connections / Math.max(1, sources)).toFixed(1)} a source.`,
      `The largest source has ${percent(largest)} of them.`,
      `At ${numberText(perDay)} a day its slots are full in ${daysLeft < 1 ? "less than a day" : waitText(1000 * SECONDS_A_DAY * Math.round(daysLeft))}.`,
    ],
    advice: capacityAdvice(scene),
  };
}

function perSource({ connections, sources }: HistoryPoint): number {
  return connections / Math.max(1, sources);
}

/** Users come day by day; what doubled since the last record came otherwise. */
function isJump(history: readonly HistoryPoint[], connections: number): boolean {
  const last = history.at(-1)!;
  return last.connections * 2 < connections;
}

export function capacityAdvice({ owner }: Scene): string[] {
  const unit = owner?.limitOrigin.unit ?? null;
  return [
    `Give it room: ${unit === null ? "raise the process's descriptor limit" : `systemctl edit ${unit}, LimitNOFILE= under [Service]`}, and the program's own limit with it, with twice today's peak to spare. sockwarden tune plan --connections N says what else that takes.`,
  ];
}
