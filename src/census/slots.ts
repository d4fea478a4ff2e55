// How many connections the owner of a listener can hold, and how many it does.
//
//   0            held now                        capacity      soft limit
//   |##################|............................|------ reserve ------|
//
// The reserve is for what a server opens beside its connections: the largest of 32, 5 % of the limit and what it has open
// now that is no connection. The owner is the process that holds the accepted sockets: of a listener's processes the one
// with the most descriptors: of Kamailio's it is the one that does all TCP. A server of workers that accept for
// themselves has more connections than its fullest process has descriptors, and so it is told: it is then full when its
// fullest worker is, at the present spread.

import type { ListeningProcess } from "./census.ts";

const RESERVE_MIN = 32;
const RESERVE_SHARE = 0.05;

/** What slotsOf() is told of one owner's listeners together. */
export interface Holding {
  /** Connections that have a descriptor: accepted. */
  readonly accepted: number;
  /** Descriptors that are no connections; all the others unless given. */
  readonly others?: number;
}

/** How long a program may take to close the descriptors of connections that are gone. */
const CLOSING_MS = 10_000;

interface Followed {
  readonly others: number;
  /** The most connections that it had within CLOSING_MS, and since when. */
  readonly peak: number;
  readonly peakAtMs: number;
}

/**
 * How many descriptors of an owner are no connections. Those of connections that were evicted a moment ago look like that until
 * the program closes them: taken at their word the slots would shrink by what was just freed, and honest ones be shed.
 */
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
    const followed = follow(this.#before.get(pid), { fdUsed: fdUsed ?? 0, accepted, nowMs });
    this.#now.set(pid, followed);
    return followed.others;
  }
}

function follow(
  before: Followed | undefined,
  { fdUsed, accepted, nowMs }: { readonly fdUsed: number; readonly accepted: number; readonly nowMs: number },
): Followed {
  const seen = Math.max(0, fdUsed - accepted);
  const lasts = before !== undefined && accepted < before.peak && nowMs - before.peakAtMs <= CLOSING_MS;
  if (!lasts) return { others: seen, peak: accepted, peakAtMs: nowMs };
  // What has risen beyond the descriptors of all that were there is no connection's.
  const others = Math.max(Math.min(seen, before.others), fdUsed - before.peak, 0);
  return { others, peak: before.peak, peakAtMs: before.peakAtMs };
}

/** The process with the most descriptors, the oldest of them; null where none can be read. */
export function ownerOf(processes: readonly ListeningProcess[]): ListeningProcess | null {
  let owner: ListeningProcess | null = null;
  for (const process of processes) {
    if (process.fdUsed !== null && process.fdUsed > (owner?.fdUsed ?? 0)) owner = process;
  }
  return owner;
}

/** How many connections the owner's descriptors allow; null where it cannot be read or has no limit. */
export function capacityOf(
  owner: ListeningProcess | null,
  { accepted, others: known }: Holding,
): number | null {
  if (owner === null || owner.fdUsed === null || owner.fdLimit === null) return null;
  if (!Number.isFinite(owner.fdLimit)) return null;
  const others = known ?? Math.max(0, owner.fdUsed - accepted);
  const reserve = Math.max(RESERVE_MIN, Math.ceil(RESERVE_SHARE * owner.fdLimit), others);
  const capacity = Math.max(0, owner.fdLimit - reserve);
  const workers = Math.max(1, accepted / owner.fdUsed);
  return Math.floor(capacity * workers);
}

/** The lowest of what its descriptors allow and what is configured; null where nothing says. */
export function slotsOf(capacity: number | null, configured: number | null): number | null {
  if (capacity === null) return configured;
  return configured === null ? capacity : Math.min(capacity, configured);
}
