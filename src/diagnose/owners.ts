// Which process holds most of each listener's connections, and what is known of it.

import type { Counted, Holder } from "../census/index.ts";
import type { MachineRoot } from "../linux/index.ts";
import type { OwnerObservation, UnmeasuredListener } from "./observation.ts";
import { type EarlierProcess, readOwner } from "./owner.ts";

/** What is known from the first scan. */
export interface Earlier {
  readonly processes: ReadonlyMap<number, EarlierProcess>;
  /** Seconds since. */
  readonly elapsed: number;
}

/** The listeners of `census`, in its order, with their owners. */
export function withOwners(
  listeners: readonly UnmeasuredListener[],
  census: Counted,
  root: MachineRoot,
  { processes, elapsed }: Earlier,
): UnmeasuredListener[] {
  const pids = listeners.map((_, i) => ownerPid(census, i));
  const owners = new Map<number, OwnerObservation>();
  for (const pid of new Set(pids.filter((pid) => pid !== null))) {
    const owner = readOwner(root, { pid, earlier: processes.get(pid) ?? null, elapsed });
    if (owner !== null) owners.set(pid, owner);
  }
  return listeners.map((listener, i) => ({ ...listener, owner: owners.get(pids[i] ?? -1) ?? null }));
}

/** The process that holds most of the listener's connections; without any, the one with most descriptors. */
function ownerPid({ holders, listeners }: Counted, listener: number): number | null {
  const heldBy = (holder: Holder): number => holder.listeners.get(listener) ?? 0;
  const holding = (holders ?? []).filter((holder) => holder.process !== null && heldBy(holder) > 0);
  const most = holding.reduce<Holder | null>(
    (best, next) => (best === null || heldBy(next) > heldBy(best) ? next : best),
    null,
  );
  if (most?.process != null) return most.process.pid;
  const [first] = [...listeners[listener]!.processes].sort((a, b) => (b.fdUsed ?? 0) - (a.fdUsed ?? 0));
  return first?.pid ?? null;
}
