// The edge of `diagnose`: two scans some seconds apart that remember every connection between them, the kernel's counters
// at both, and what /proc and the machine's files say about the owners. Blocks the calling thread but for the wait, and scans
// the network namespace that the thread stands in.

import {
  type Census,
  type Counted,
  type CountedListener,
  type ScanOptions,
  scanErrorOf,
} from "../census/index.ts";
import { HOST_MACHINE, type MachineRoot, readProcessTimes } from "../linux/index.ts";
import { holdingCount } from "../model/index.ts";
import { CensusTracker, type ProvenCensus } from "../track/index.ts";
import { joinScans } from "./join-scans.ts";
import { type KernelReading, readKernel } from "./kernel.ts";
import type { KernelObservation, Observation, RecordedDays, UnmeasuredListener } from "./observation.ts";
import type { EarlierProcess } from "./owner.ts";
import { withOwners } from "./owners.ts";

export interface GatherOptions {
  /** Where the machine's files are; this machine's own by default. */
  readonly root?: MachineRoot;
  readonly scan: ScanOptions;
  /** Between the scans. */
  readonly seconds: number;
  /** The wall clock at the beginning, for the scans to carry. */
  readonly nowMs: number;
  readonly history: RecordedDays | null;
}

/** What can be handed over from a thread: nobody has asked yet what the listeners' owners can hold. */
export interface Unmeasured {
  readonly observation: Omit<Observation, "listeners"> & {
    readonly listeners: readonly UnmeasuredListener[];
  };
  readonly listenersBefore: readonly CountedListener[];
  /** The second scan. */
  readonly census: Counted;
}

export interface Observed {
  readonly observation: Observation;
  /** The second scan, for what it could not see. */
  readonly census: Census;
}

/** `sleep` waits between the scans. Throws ScanError where the kernel cannot be asked. */
export async function gather(
  options: GatherOptions,
  sleep: (ms: number) => Promise<void>,
): Promise<Unmeasured> {
  try {
    using tracker = new CensusTracker();
    return await scanTwice(tracker, options, sleep);
  } catch (error) {
    throw scanErrorOf(error);
  }
}

async function scanTwice(
  tracker: CensusTracker,
  options: GatherOptions,
  sleep: (ms: number) => Promise<void>,
): Promise<Unmeasured> {
  const { scan, seconds, root = HOST_MACHINE, nowMs } = options;
  const startMs = performance.now();
  const scanOnce = (holders: boolean): Scan => {
    const atMs = performance.now();
    const kernel = readKernel(root);
    return { ...tracker.scan({ ...scan, holders }, nowMs + atMs - startMs), kernel, atMs };
  };
  const first = scanOnce(false);
  const processes = readProcesses(root, first.census);
  await sleep(Math.max(0, 1000 * seconds - (performance.now() - first.atMs)));
  const second = scanOnce(worthFindingHolders(first));
  const elapsed = (second.atMs - first.atMs) / 1000;
  return {
    listenersBefore: first.census.listeners,
    census: second.census,
    observation: {
      seconds: elapsed,
      listeners: withOwners(joinScans(first, second), second.census, root, { processes, elapsed }),
      kernel: kernelChange(first.kernel, second.kernel),
      history: options.history,
    },
  };
}

/**
 * Finding who holds the connections costs 5 us for every open file of the machine; up to so many that is a quarter of a
 * second. On a larger one the owner is taken to be the listener's process with the most descriptors, if it has enough of
 * them to hold all connections.
 */
const OPEN_FILES_MAX = 50_000;

function worthFindingHolders({ census, kernel }: Scan): boolean {
  if ((kernel.openFiles?.used ?? 0) <= OPEN_FILES_MAX) return true;
  return census.listeners.some(({ conduct, processes }) => {
    const most = processes.reduce((largest, { fdUsed }) => Math.max(largest, fdUsed ?? 0), 0);
    return holdingCount(conduct) - conduct.queued > most;
  });
}

interface Scan extends ProvenCensus {
  readonly kernel: KernelReading;
  /** By a monotonic clock. */
  readonly atMs: number;
}

/** What listening processes had at the first scan, by pid. */
function readProcesses(root: MachineRoot, census: Counted): ReadonlyMap<number, EarlierProcess> {
  const processes = new Map<number, EarlierProcess>();
  for (const { pid, fdUsed } of census.listeners.flatMap((listener) => listener.processes)) {
    if (!processes.has(pid)) processes.set(pid, { fdUsed, times: readProcessTimes(root, pid) });
  }
  return processes;
}

function kernelChange(before: KernelReading, after: KernelReading): KernelObservation {
  const rose = new Map<string, number>();
  for (const [name, value] of after.counters) {
    const change = value - (before.counters.get(name) ?? 0);
    if (change > 0) rose.set(name, change);
  }
  const { conntrack, openFiles, tcpMemory } = after;
  return { rose, conntrack, openFiles, tcpMemory };
}
