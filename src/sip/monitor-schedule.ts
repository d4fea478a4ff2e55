// When a monitor probes. Probes are spread over the interval, so that a thousand monitors that start together neither
// knock at once nor meet again later. Time and chance come as arguments.

export interface MonitorSchedule {
  readonly intervalMs: number;
  /** How far a probe may move to either side, as a part of the interval: 0 to 0.5. */
  readonly jitter: number;
}

/** The first probe: anywhere in the first interval. `random` is 0 to 1, without 1. */
export function firstProbeAt(schedule: MonitorSchedule, now: number, random: number): number {
  return now + random * schedule.intervalMs;
}

/**
 * The probe after the one due at `lastDueAt`. It keeps to the beat, so delays do not add up. It leaves out beats that
 * have passed: a machine that was asleep must not knock twice in a row.
 */
export function nextProbeAt(
  schedule: MonitorSchedule,
  lastDueAt: number,
  now: number,
  random: number,
): number {
  const { intervalMs, jitter } = schedule;
  const missed = Math.max(0, Math.floor((now - lastDueAt) / intervalMs));
  const beat = lastDueAt + (missed + 1) * intervalMs;
  return Math.max(now, beat + (2 * random - 1) * jitter * intervalMs);
}
