// What /proc and the machine's files say about the process that holds a listener's connections.

import {
  type MachineRoot,
  type ProcessTimes,
  readDescriptorCount,
  readDescriptorLimits,
  readProcessName,
  readProcessTimes,
  readUptime,
  TICKS_PER_SECOND,
} from "../linux/index.ts";
import { readLimitOrigin } from "./limit-origin.ts";
import type { OwnerObservation } from "./observation.ts";

/** What was read of a process at the first scan. */
export interface EarlierProcess {
  readonly fdUsed: number | null;
  readonly times: ProcessTimes | null;
}

export interface OwnerRequest {
  readonly pid: number;
  readonly earlier: EarlierProcess | null;
  /** Seconds since the first scan. */
  readonly elapsed: number;
}

/** Null for a process that has ended. */
export function readOwner(
  root: MachineRoot,
  { pid, earlier, elapsed }: OwnerRequest,
): OwnerObservation | null {
  const times = readProcessTimes(root, pid);
  if (times === null) return null;
  const uptime = readUptime(root);
  const used = readDescriptorCount(root, pid);
  const limits = readDescriptorLimits(root, pid);
  return {
    pid,
    name: readProcessName(root, pid),
    descriptors:
      used === null || limits === null ? null : { used, usedBefore: earlier?.fdUsed ?? used, ...limits },
    limitOrigin: readLimitOrigin(root, pid),
    state: times.state,
    ageMs: uptime === null ? null : Math.max(0, 1000 * (uptime - times.startTicks / TICKS_PER_SECOND)),
    cpuShare: cpuShare(earlier?.times ?? null, times, elapsed),
  };
}

function cpuShare(before: ProcessTimes | null, now: ProcessTimes, elapsed: number): number | null {
  if (before === null || before.startTicks !== now.startTicks || elapsed <= 0) return null;
  return (now.cpuTicks - before.cpuTicks) / TICKS_PER_SECOND / elapsed;
}
