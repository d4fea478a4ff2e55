// How long a ban has left. `Ban.until` is wall-clock time, and wall clocks are set, sometimes by hours and years. The boot
// clock (CLOCK_BOOTTIME) is set by nobody and counts while the machine sleeps, but begins anew with each boot. So a ban
// is kept with both: within the boot in which it was made the boot clock decides, after a reboot the wall clock does.
//
// Whatever the clocks say, a ban has never less than nothing left and never more than its own term: a clock that was set
// back by a year, or a container that shows an uptime of its own, cannot make a ban of ten minutes last for a year.

/** One reading of both clocks; no boot clock where the caller has none. */
export interface Instant {
  readonly wallMs: number;
  readonly bootId: string | null;
  readonly bootMs: number | null;
}

/** When a term ends, by both clocks. */
export interface Term {
  readonly since: number;
  readonly until: number;
  readonly bootId: string | null;
  readonly untilBootMs: number | null;
}

/** Clocks that differ by less have not been set; that is how far readings and slewing may take them apart. */
const SET_AT_LEAST_MS = 2000;

/** When a ban that ends at `until` by the wall clock ends by the boot clock; null where there is none. */
export function bootEnd(until: number, { wallMs, bootMs }: Instant): number | null {
  return bootMs === null ? null : bootMs + (until - wallMs);
}

export function remainingMs({ since, until, bootId, untilBootMs }: Term, now: Instant): number {
  const sameBoot = bootId !== null && bootId === now.bootId;
  const left =
    sameBoot && untilBootMs !== null && now.bootMs !== null ? untilBootMs - now.bootMs : until - now.wallMs;
  return Math.max(0, Math.min(left, until - since));
}

/** The same term by the wall clock as it is now: moved as a whole where the clock was set since. */
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
