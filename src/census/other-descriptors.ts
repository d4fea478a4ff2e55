// How many descriptors of an owner are no connections, remembered from scan to scan.
//
// A program takes some time to close the descriptors of connections that were evicted. Until then they look like
// descriptors that are no connections. Taken at their word the slots would shrink by what was just freed, and honest
// connections be shed.

import type { ListeningProcess } from "./census.ts";

/** How long a program may take to close the descriptors of connections that are gone. */
const CLOSING_MS = 10_000;

interface Followed {
  readonly others: number;
  /** The most connections that it had within CLOSING_MS, and since when. */
  readonly peak: number;
  readonly peakAtMs: number;
}

export class OtherDescriptors {
  #before = new Map<number, Followed>();
  #now = new Map<number, Followed>();

  /** Before a scan: owners that the last one has not seen are forgotten. */
  begin(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  /** Asked again within one scan it answers the same. `nowMs` is a monotonic clock. */
  of({ pid, fdUsed }: ListeningProcess, accepted: number, nowMs: number): number {
    const known = this.#now.get(pid);
    if (known !== undefined) return known.others;
    const followed = followOwner(this.#before.get(pid), { fdUsed: fdUsed ?? 0, accepted, nowMs });
    this.#now.set(pid, followed);
    return followed.others;
  }
}

function followOwner(
  before: Followed | undefined,
  { fdUsed, accepted, nowMs }: { readonly fdUsed: number; readonly accepted: number; readonly nowMs: number },
): Followed {
  const seen = Math.max(0, fdUsed - accepted);
  const lasts = before !== undefined && accepted < before.peak && nowMs - before.peakAtMs <= CLOSING_MS;
  if (!lasts) return { others: seen, peak: accepted, peakAtMs: nowMs };
  // A rise beyond the descriptors of all connections that were there belongs to no connection.
  const others = Math.max(Math.min(seen, before.others), fdUsed - before.peak, 0);
  return { others, peak: before.peak, peakAtMs: before.peakAtMs };
}
