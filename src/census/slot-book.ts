// Which listeners share an owner, and what each owner's slots are, from scan to scan. It remembers what one scan cannot
// tell: the descriptors that a program is about to close, and the limits that programs set themselves.

import { HOST_ROOT, readDescriptorCount } from "../linux/index.ts";
import type { ConductCounts, ConnectionLimit, SlotUse } from "../model/index.ts";
import type { CountedListener, ListenerCensus, ListeningProcess } from "./census.ts";
import { OtherDescriptors } from "./other-descriptors.ts";
import { acceptedOf, ownerOf, slotsOf, workersOf } from "./slots.ts";

/** Reads how many connections a program takes by itself; null where it sets no limit or nobody knows. */
export type ReadProgramLimit = (process: ListeningProcess) => ConnectionLimit | null;

/** One listener of a scan. */
export interface OwnedListener {
  readonly name: string;
  readonly processes: readonly ListeningProcess[];
  readonly conduct: ConductCounts;
  /** What its policy sets; null for nothing. */
  readonly configured: number | null;
}

export interface OwnerSlots {
  readonly owner: ListeningProcess | null;
  readonly use: SlotUse;
  /** What the program itself allows, also where `use` names a lower number; null where nobody knows. */
  readonly programLimit: ConnectionLimit | null;
  /** Descriptors that the owner has in use, less those that it is about to close; null where unknown. */
  readonly fdHeld: number | null;
}

export class SlotBook {
  readonly #others = new OtherDescriptors();
  readonly #readLimit: ReadProgramLimit;
  readonly #countDescriptors: (pid: number) => number | null;
  /** By pid. A limit is read once in a process's life: a program follows its file only at its next start. */
  readonly #limits = new Map<number, ReadLimit>();

  /** `countDescriptors` is asked where an owner seems to have more connections than descriptors. */
  constructor(
    readLimit: ReadProgramLimit,
    countDescriptors: (pid: number) => number | null = (pid) => readDescriptorCount(HOST_ROOT, pid),
  ) {
    this.#readLimit = readLimit;
    this.#countDescriptors = countDescriptors;
  }

  /** One a listener, in their order. Listeners of one owner have the same. `nowMs` is a monotonic clock. */
  follow(listeners: readonly OwnedListener[], nowMs: number): OwnerSlots[] {
    this.#others.begin();
    const owners = ownersOf(listeners);
    if (this.#limits.size > owners.length) this.#forgetEnded(listeners);
    const slots = new Array<OwnerSlots>(listeners.length);
    for (const { process, members } of owners) {
      const owned = members.map((i) => listeners[i]!);
      const ofOwner = this.#slotsOf(process, owned, nowMs);
      for (const i of members) slots[i] = ofOwner;
    }
    return slots;
  }

  /** What was counted, with each owner's slots. Nothing is configured. */
  describe(listeners: readonly CountedListener[], nowMs: number): ListenerCensus[] {
    const slots = this.follow(
      listeners.map((listener) => ({ ...listener, configured: null })),
      nowMs,
    );
    return listeners.map((listener, i) => ({ ...listener, ...slots[i]!.use }));
  }

  #slotsOf(process: ListeningProcess | null, owned: readonly OwnedListener[], nowMs: number): OwnerSlots {
    const conducts = owned.map(({ conduct }) => conduct);
    const accepted = acceptedOf({ conducts });
    const workers = process === null ? 1 : this.#workersOf(process, accepted);
    const others = process === null ? 0 : this.#others.of(process, accepted, nowMs);
    const limit = process === null ? null : this.#limitOf(process);
    const fdUsed = process?.fdUsed ?? null;
    return {
      owner: process,
      use: slotsOf({ process, conducts, others, workers, configured: lowestConfigured(owned) }, limit),
      programLimit: limit,
      fdHeld: fdUsed === null ? null : Math.min(fdUsed, accepted + others),
    };
  }

  /** The descriptors were counted before the connections. Many that were opened meanwhile must not look like workers. */
  #workersOf({ pid, fdUsed }: ListeningProcess, accepted: number): number {
    if (accepted <= (fdUsed ?? 0)) return 1;
    return workersOf(Math.max(fdUsed ?? 0, this.#countDescriptors(pid) ?? 0), accepted);
  }

  #limitOf(process: ListeningProcess): ConnectionLimit | null {
    const { pid, name } = process;
    const known = this.#limits.get(pid);
    if (known !== undefined && known.name === name) return known.limit;
    const limit = this.#readLimit(process);
    this.#limits.set(pid, { name, limit });
    return limit;
  }

  /** Bounded by the processes that listen. One that is not the owner at this scan may be at the next. */
  #forgetEnded(listeners: readonly OwnedListener[]): void {
    const alive = new Set(listeners.flatMap(({ processes }) => processes.map(({ pid }) => pid)));
    for (const pid of this.#limits.keys()) if (!alive.has(pid)) this.#limits.delete(pid);
  }
}

interface ReadLimit {
  readonly name: string | null;
  readonly limit: ConnectionLimit | null;
}

interface OwnerMembers {
  readonly process: ListeningProcess | null;
  /** Indexes of its listeners. */
  readonly members: readonly number[];
}

/** A listener whose owner cannot be seen shares with nobody. */
function ownersOf(listeners: readonly OwnedListener[]): OwnerMembers[] {
  const owners = listeners.map(({ processes }) => ownerOf(processes));
  const groups = Map.groupBy(owners.keys(), (i) => owners[i]?.pid ?? `alone ${i}`);
  return [...groups.values()].map((members) => ({ process: owners[members[0]!]!, members }));
}

function lowestConfigured(owned: readonly OwnedListener[]): ConnectionLimit | null {
  let lowest: ConnectionLimit | null = null;
  for (const { name, configured } of owned) {
    if (configured === null || (lowest !== null && lowest.connections <= configured)) continue;
    lowest = { connections: configured, where: `slots of listener ${name}` };
  }
  return lowest;
}
