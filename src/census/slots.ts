// How many connections an owner can hold, and how many it does. Pure.
//
//   0            used now                        descriptors      RLIMIT_NOFILE (soft)
//   |##################|............................|------ reserve ------|
//
// The reserve is for what a server opens beside its connections: the largest of 32, 5 % of the limit, and what it has open
// now that is no connection. The program's own limit and the configured one count connections, so they have no reserve.
// The lowest of the three is the owner's number of slots.
//
// The owner is the process that holds the accepted sockets. Of a listener's processes it is the one with the most
// descriptors: Kamailio has one that does all TCP. A server of workers that accept for themselves has more connections than
// its fullest process has descriptors. Such a server is full when its fullest worker is, at the present spread.

import { type ConductCounts, type ConnectionLimit, holdingCount, type SlotUse } from "../model/index.ts";
import type { ListeningProcess } from "./census.ts";

const RESERVE_MIN = 32;
const RESERVE_SHARE = 0.05;

/** One owner as a scan saw it. */
export interface SlotOwner {
  /** Null where none can be seen. */
  readonly process: ListeningProcess | null;
  /** What each of its listeners has. */
  readonly conducts: readonly ConductCounts[];
  /** Its descriptors that are no connections. */
  readonly others: number;
  /** How many workers like it hold the connections: 1 where it holds all of them. */
  readonly workers: number;
  /** The lowest number that the policies of its listeners set; null where none sets one. */
  readonly configured: ConnectionLimit | null;
}

/** How many connections all listeners of the owner have that hold a descriptor or will. */
export function usedOf({ conducts }: Pick<SlotOwner, "conducts">): number {
  return conducts.reduce((sum, conduct) => sum + holdingCount(conduct), 0);
}

/** Those of them that have a descriptor: all but the ones that wait to be accepted. */
export function acceptedOf({ conducts }: Pick<SlotOwner, "conducts">): number {
  return conducts.reduce((sum, conduct) => sum + holdingCount(conduct) - conduct.queued, 0);
}

/**
 * The lowest of what the owner's descriptors allow, what the program itself allows, and what is configured, with its
 * origin. Of equal ones the program's own limit is named: that is the one to raise. Null where nothing says.
 */
export function slotsOf(owner: SlotOwner, programLimit: ConnectionLimit | null): SlotUse {
  const used = usedOf(owner);
  const byDescriptors = descriptorSlots(owner);
  let lowest: Omit<SlotUse, "used"> = { slots: null, slotsFrom: null, slotsWhere: null };
  for (const [from, limit] of [
    ["program", programLimit],
    ["configured", owner.configured],
    ["descriptors", byDescriptors],
  ] as const) {
    if (limit === null || (lowest.slots !== null && lowest.slots <= limit.connections)) continue;
    lowest = { slots: limit.connections, slotsFrom: from, slotsWhere: limit.where };
  }
  return { used, ...lowest };
}

/** The process with the most descriptors, the oldest of them; null where none can be read. */
export function ownerOf(processes: readonly ListeningProcess[]): ListeningProcess | null {
  let owner: ListeningProcess | null = null;
  for (const process of processes) {
    if (process.fdUsed !== null && process.fdUsed > (owner?.fdUsed ?? 0)) owner = process;
  }
  return owner;
}

/** How many processes with as many descriptors it takes to hold the accepted connections. */
export function workersOf(fdUsed: number, accepted: number): number {
  return Math.max(1, accepted / Math.max(1, fdUsed));
}

/** Null where the owner cannot be read or has no limit. */
function descriptorSlots(owner: SlotOwner): ConnectionLimit | null {
  const { process, others, workers } = owner;
  if (process === null || process.fdUsed === null || process.fdLimit === null) return null;
  if (!Number.isFinite(process.fdLimit)) return null;
  const reserve = Math.max(RESERVE_MIN, Math.ceil(RESERVE_SHARE * process.fdLimit), others);
  const where = `RLIMIT_NOFILE of pid ${process.pid} less a reserve of ${reserve}`;
  return {
    connections: Math.floor(Math.max(0, process.fdLimit - reserve) * workers),
    where: workers === 1 ? where : `${where}, times ${workers.toFixed(1)} as its workers share them`,
  };
}
