// Finds the processes that hold a socket: all of them, since a server's workers share its listening socket.
//
// The search costs a system call for every descriptor of the machine (5 us each, half a second for 100 000). So a
// process is read once and remembered under its pid and start time, which together never name another process. All are
// read again when a socket turns up that nobody is known to hold, but never for more than a twentieth of the time: a
// program that opens and closes listening sockets cannot keep the reader busy. Small processes are read again now and
// then, since a socket can be handed to a running process.

import { readdirSync, readlinkSync } from "node:fs";
import { listPids, readStartTime } from "./proc-process.ts";
import { isAbsent, isAbsentOrForbidden, isForbidden, type SystemRoot } from "./system-root.ts";

const REFRESH_MS = 60_000;
const REFRESH_DESCRIPTORS_MAX = 2048;
/** After a reading that took t, the next one may begin 20 t later. */
const REST_FACTOR = 20;

interface KnownProcess {
  readonly startTime: number | null;
  /** How many descriptors it had when it was read. */
  readonly descriptors: number;
  /** Null if its descriptors may not be read. */
  readonly inodes: ReadonlySet<number> | null;
}

/** The owners by socket inode, and how many processes could not be read. */
export interface SocketOwnership {
  readonly pidsOf: ReadonlyMap<number, readonly number[]>;
  readonly hiddenProcesses: number;
}

export class SocketOwners {
  readonly #root: SystemRoot;
  readonly #now: () => number;
  #known = new Map<number, KnownProcess>();
  #wanted: ReadonlySet<number> = new Set();
  #refreshAtMs = Number.NEGATIVE_INFINITY;
  #restUntilMs = Number.NEGATIVE_INFINITY;

  /** `now` is a monotonic clock in milliseconds. */
  constructor(root: SystemRoot, now: () => number) {
    this.#root = root;
    this.#now = now;
  }

  /** The processes that hold each of `inodes`, by ascending pid. */
  find(inodes: ReadonlySet<number>): SocketOwnership {
    const startMs = this.#now();
    const readAll = !inodes.isSubsetOf(this.#wanted) && startMs >= this.#restUntilMs;
    const refresh = startMs >= this.#refreshAtMs;
    if (readAll) this.#wanted = new Set(inodes);
    if (refresh) this.#refreshAtMs = startMs + REFRESH_MS;
    const seen = new Map<number, KnownProcess>();
    for (const pid of listPids(this.#root)) {
      const startTime = readStartTime(this.#root, pid);
      const known = this.#known.get(pid);
      const keep =
        !readAll &&
        known?.startTime === startTime &&
        (!refresh || known.descriptors > REFRESH_DESCRIPTORS_MAX);
      const read = keep ? known : this.#readProcess(pid, startTime);
      if (read !== null) seen.set(pid, read);
    }
    this.#known = seen;
    if (readAll) this.#restUntilMs = this.#now() + REST_FACTOR * (this.#now() - startMs);
    return ownershipOf(inodes, seen);
  }

  /** Null for a process that has ended meanwhile. */
  #readProcess(pid: number, startTime: number | null): KnownProcess | null {
    const folder = `${this.#root.proc}/${pid}/fd`;
    try {
      const descriptors = readdirSync(folder);
      const inodes = new Set<number>();
      for (const fd of descriptors) {
        const inode = socketInode(folder, fd);
        if (inode !== null && this.#wanted.has(inode)) inodes.add(inode);
      }
      return { startTime, descriptors: descriptors.length, inodes };
    } catch (error) {
      if (isAbsent(error)) return null;
      if (isForbidden(error)) return { startTime, descriptors: 0, inodes: null };
      throw error;
    }
  }
}

/** The inode behind a descriptor that is a socket (`socket:[1234]`), else null. */
function socketInode(folder: string, fd: string): number | null {
  try {
    const target = readlinkSync(`${folder}/${fd}`);
    return target.startsWith("socket:[") ? Number(target.slice(8, -1)) : null;
  } catch (error) {
    if (isAbsentOrForbidden(error)) return null;
    throw error;
  }
}

function ownershipOf(
  inodes: ReadonlySet<number>,
  processes: ReadonlyMap<number, KnownProcess>,
): SocketOwnership {
  const pidsOf = new Map<number, number[]>([...inodes].map((inode) => [inode, []]));
  let hiddenProcesses = 0;
  for (const [pid, { inodes: held }] of processes) {
    if (held === null) hiddenProcesses++;
    else for (const inode of held) pidsOf.get(inode)?.push(pid);
  }
  return { pidsOf, hiddenProcesses };
}
