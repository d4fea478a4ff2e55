// How long a ban has left. `Ban.until` is wall-clock time, and people set wall clocks, sometimes by hours and years.
// Nobody sets the boot clock (CLOCK_BOOTTIME), and it counts while the machine sleeps, but it begins anew with each
// boot. So a ban is kept with both. Within the boot that made it the boot clock decides; after a reboot the wall clock
// does.
//
// The time that a ban has left is never less than nothing and never more than its own term, whatever the clocks say. A
// clock that was set back by a year, or a container that shows an uptime of its own, cannot make a ban of ten minutes
// last for a year.

/** One reading of both clocks; the boot clock is null if the caller has none. */
export interface Instant {
  readonly wallMs: number;
  readonly bootId: string | null;
  readonly bootMs: number | null;
}

/** The end of a term, by both clocks. */
export interface Term {
  readonly since: number;
  readonly until: number;
  readonly bootId: string | null;
  readonly untilBootMs: number | null;
}

/** Clocks that differ by less have not been set: readings and slewing may take them this far apart. */
const SET_AT_LEAST_MS = 2000;

/** The end of a ban by the boot clock, if it ends at `until` by the wall clock; null if there is no boot clock. */
export function bootEnd(until: number, { wallMs, bootMs }: Instant): number | null {
  return bootMs === null ? null : bootMs + (until - wallMs);
}

export function remainingMs({ since, until, bootId, untilBootMs }: Term, now: Instant): number {
  const sameBoot = bootId !== null && bootId === now.bootId;
  const left =
    sameBoot && untilBootMs !== null && now.bootMs !== null ? untilBootMs - now.bootMs : until - now.wallMs;
  return Math.max(0, Math.min(left, until - since));
}

/** The same term by the present wall clock: moved as a whole if the clock was set since. */
export function shiftTerm<T extends { readonly since: number; readonly until: number }>(
  term: T,
  leftMs: number,
  wallMs: number,
): T {
  if (!Number.isFinite(term.until)) return term;
  const shift = wallMs + leftMs - term.until;
  if (Math.abs(shift) < SET_AT_LEAST_MS) return term;
  return { ...term, since: term.since + shift, until: term.until + shift };
}
