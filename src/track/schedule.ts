// When to scan: pure, from what the last scan settled and what the cheap triggers say now. The argument why no limit is
// passed unseen is in docs/decisions/0012.
//
//   scan            tick  tick  tick            scan
//    |---- rest -----|     |     |               |
//    | counter read first; until it has risen by `opensLeft`, or `dueMs` has come, no limit can have been passed
//
// All times are of one monotonic clock: whoever sets the wall clock must not stop the scans.

import { highestPressure, type Pressure } from "../model/index.ts";
import type { TrackedCensus } from "./tracked-census.ts";

/** How often the triggers are read where few connections may open: what opens in between is what a limit can be passed by. */
export const TRIGGERS_EVERY_MS = 20;
/** More handshakes than programs accept in a millisecond: before so many may open, nobody needs to count them. */
const OPENS_PER_MS_MAX = 50;

/** Scans that nothing asks for take at most this share of a core; the readings between them take 0.2 to 0.4 %. */
const CALM_SHARE = 0.005;
/** Nor are they further apart than this, unless the configuration says so. */
const HOUSEKEEPING_MAX_MS = 60_000;
/** Under pressure a scan may take every second moment of a core. */
const PRESSED_REST = 2;
/** A server whose accept queue fills and empties all the time must not take a core. */
const EXHAUSTED_REST_MS = 1000;

export interface ScheduleSettings {
  /** The longest time between two scans, before it is stretched. */
  readonly everyMs: number;
  /** Share of one core that scans may take in calm, 0..1. */
  readonly cpuBudget: number;
}

/** What the last scan has settled about the next. */
export interface LastScan {
  readonly beganMs: number;
  readonly scanMs: number;
  /** The counter as it was read before the scan began; null where it cannot be read. */
  readonly opens: number | null;
  /** So many finished handshakes later a limit can be passed; Infinity for never. */
  readonly opensLeft: number;
  /** So many later slots can be scarce: from then on accuracy wins over the budget. */
  readonly opensUntilScarce: number;
  /** When time alone can pass a limit; Infinity for never. */
  readonly dueMs: number;
  /** The highest of all listeners. */
  readonly pressure: Pressure;
  /** What exhaustion was known of when the scan began. */
  readonly exhausted: boolean;
}

export interface TriggersNow {
  readonly nowMs: number;
  readonly opens: number | null;
  readonly exhausted: boolean;
}

export type ScanReason = "first" | "opens" | "time" | "exhausted" | "housekeeping";

/** `scan` now, and why; or when at the latest to ask again. */
export type ScanDecision =
  | { readonly scan: true; readonly because: ScanReason }
  | { readonly scan: false; readonly againInMs: number };

export function decideScan(
  last: LastScan | null,
  now: TriggersNow,
  settings: ScheduleSettings,
): ScanDecision {
  if (last === null) return { scan: true, because: "first" };
  const sinceMs = now.nowMs - last.beganMs;
  const because = reasonToScan(last, now, settings);
  if (because === null) return { scan: false, againInMs: againInMs(last, now, settings) };
  const restMs = restAfter(last, now, because, settings);
  if (sinceMs >= restMs) return { scan: true, because };
  return { scan: false, againInMs: Math.min(TRIGGERS_EVERY_MS, restMs - sinceMs) };
}

function reasonToScan(last: LastScan, now: TriggersNow, settings: ScheduleSettings): ScanReason | null {
  if (now.exhausted && !last.exhausted) return "exhausted";
  if (risen(last, now) >= last.opensLeft) return "opens";
  if (now.nowMs >= last.dueMs) return "time";
  return now.nowMs - last.beganMs >= housekeepingMs(last, settings) ? "housekeeping" : null;
}

/** How long a scan is followed by none; at most until housekeeping. */
function restAfter(
  last: LastScan,
  now: TriggersNow,
  because: ScanReason,
  settings: ScheduleSettings,
): number {
  if (because === "housekeeping") return 0;
  const pressedMs = PRESSED_REST * last.scanMs;
  if (last.pressure !== "calm" || risen(last, now) >= last.opensUntilScarce) return pressedMs;
  const calmMs = Math.min(last.scanMs / settings.cpuBudget, housekeepingMs(last, settings));
  return because === "exhausted" ? Math.min(calmMs, Math.max(pressedMs, EXHAUSTED_REST_MS)) : calmMs;
}

/** The time from one scan to the next when nothing asks for it. */
export function housekeepingMs(
  { scanMs, pressure, opens }: Pick<LastScan, "scanMs" | "pressure" | "opens">,
  { everyMs }: ScheduleSettings,
): number {
  // Where the counter cannot be read, scanning is the only way to know.
  if (pressure !== "calm" || opens === null) return everyMs;
  return Math.max(everyMs, Math.min(HOUSEKEEPING_MAX_MS, scanMs / CALM_SHARE));
}

function againInMs(last: LastScan, now: TriggersNow, settings: ScheduleSettings): number {
  const housekeepingInMs = housekeepingMs(last, settings) - (now.nowMs - last.beganMs);
  return Math.max(1, Math.min(countAgainInMs(last, now), last.dueMs - now.nowMs, housekeepingInMs));
}

/** When to read the counter again, so that no more can have opened than in TRIGGERS_EVERY_MS before a scan is due. */
function countAgainInMs(last: LastScan, now: TriggersNow): number {
  if (now.opens === null) return Number.POSITIVE_INFINITY;
  const left = Math.min(last.opensLeft, last.opensUntilScarce) - risen(last, now);
  return Math.max(TRIGGERS_EVERY_MS, left / OPENS_PER_MS_MAX);
}

/** How many handshakes have been finished since before the last scan; Infinity when the counter has started anew. */
function risen(last: LastScan, now: TriggersNow): number {
  if (last.opens === null || now.opens === null) return 0;
  return now.opens < last.opens ? Number.POSITIVE_INFINITY : now.opens - last.opens;
}

/** What the judge says of the next scan: before either of these no limit can have been passed. */
export interface NextScan {
  /** So many finished handshakes from now; Infinity where only time counts. */
  readonly opens: number;
  /** Infinity where time changes nothing. */
  readonly at: number;
  /**
   * Connections that open after this scan age as well: once so many have been opened, a source or a network can pass its
   * limit of unproven ones `afterMs` later.
   */
  readonly aging: { readonly opens: number; readonly afterMs: number };
}

/** What is known when a scan begins. */
export interface ScanBegun {
  /** The monotonic clock at the moment whose wall clock the census carries. */
  readonly beganMs: number;
  /** Read before the scan. */
  readonly opens: number | null;
  readonly exhausted: boolean;
}

/** What a scan settles, with what the judge makes of it: `next` as it says it, `at` by the wall clock of `takenAt`. */
export function settleScan(
  { beganMs, opens, exhausted }: ScanBegun,
  census: Pick<TrackedCensus, "takenAt" | "scanMs" | "listeners">,
  next: { readonly opens: number; readonly at: number },
  pressures: Iterable<Pressure>,
): LastScan {
  return {
    beganMs,
    scanMs: census.scanMs,
    opens,
    opensLeft: next.opens,
    opensUntilScarce: opensUntilScarce(census),
    dueMs: beganMs + (next.at - census.takenAt),
    pressure: highestPressure(pressures),
    exhausted,
  };
}

/**
 * How many more connections there can be before any listener's slots are scarce, by connections and by descriptors;
 * Infinity where nothing limits them.
 */
export function opensUntilScarce({ listeners }: Pick<TrackedCensus, "listeners">): number {
  const left = listeners.flatMap(({ policy, slots, used, owner }) => {
    const { tight } = policy.pressure;
    const byConnections = slots === null ? [] : [Math.ceil(tight * slots) - used];
    const { fdUsed = null, fdLimit = null } = owner ?? {};
    const byDescriptors = fdUsed === null || fdLimit === null ? [] : [Math.ceil(tight * fdLimit) - fdUsed];
    return [...byConnections, ...byDescriptors];
  });
  return Math.max(0, Math.min(Number.POSITIVE_INFINITY, ...left));
}

/** What the readings of the triggers add up to. */
export interface Exhaustion {
  /** In how many readings in a row connections waited to be accepted. */
  readonly queuedInARow: number;
  readonly exhausted: boolean;
}

export const NOT_EXHAUSTED: Exhaustion = { queuedInARow: 0, exhausted: false };

/** One reading is chance: every connection waits for a moment. */
const QUEUED_IN_A_ROW = 2;

export interface ExhaustionReading {
  /** The longest accept queue; null where it was not asked for this time. */
  readonly queued: number | null;
  /** Descriptors that the fullest owner may still open; null where nobody knows. */
  readonly descriptorsLeft: number | null;
}

/** The early signs of exhaustion: a queue that stands, or an owner at its descriptor limit. */
export function followExhaustion(
  previous: Exhaustion,
  { queued, descriptorsLeft }: ExhaustionReading,
): Exhaustion {
  const row = queued === null ? previous.queuedInARow : queued > 0 ? previous.queuedInARow + 1 : 0;
  const queuedInARow = Math.min(row, QUEUED_IN_A_ROW);
  const atLimit = descriptorsLeft !== null && descriptorsLeft <= 0;
  return { queuedInARow, exhausted: atLimit || queuedInARow >= QUEUED_IN_A_ROW };
}
