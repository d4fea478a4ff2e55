// The edge of `diagnose`: two scans some seconds apart, the kernel's counters at both, and what /proc and the machine's
// files say about the owners. Everything that belongs to a network namespace is read by the scanner, in its own.

import type { Census, KernelReading, Scanner, ScanOptions } from "../census/index.ts";
import {
  conductCounts,
  headroomOf,
  ratesPerSecond,
  SPEECH,
  sourceOf,
  speechCounts,
  usedByListener,
} from "../census/index.ts";
import { HOST_MACHINE, type MachineRoot, readProcessTimes } from "../linux/index.ts";
import { holdingCount, PROFILES, profileOfPort } from "../model/index.ts";
import type {
  History,
  KernelObservation,
  ListenerObservation,
  Observation,
  SourceObservation,
} from "./observation.ts";
import type { EarlierProcess } from "./owner.ts";
import { type Earlier, withOwners } from "./owners.ts";

export interface GatherOptions {
  /** Where the machine's files are; this machine's own by default. */
  readonly root?: MachineRoot;
  readonly scanner: Scanner;
  readonly scan: ScanOptions;
  readonly seconds: number;
  /** The wall clock, for the scans to carry. */
  readonly now: () => number;
  /** Waits between the scans. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly history: History | null;
}

export interface Gathered {
  readonly observation: Observation;
  /** The second scan, for what it could not see. */
  readonly census: Census;
}

/** Throws ScanError where the kernel cannot be asked. */
export async function gather(options: GatherOptions): Promise<Gathered> {
  const { scanner, scan, now, sleep, seconds, root = HOST_MACHINE } = options;
  const first = await scanOnce(scanner, { ...scan, holders: false, speech: false }, now);
  const processes = readProcesses(root, first.census);
  await sleep(Math.max(0, 1000 * seconds - (performance.now() - first.atMs)));
  const holders = worthFindingHolders(first);
  const second = await scanOnce(scanner, { ...scan, holders, speech: true }, now);
  const elapsed = (second.atMs - first.atMs) / 1000;
  return {
    census: second.census,
    observation: {
      seconds: elapsed,
      listeners: listenersOf(first.census, second.census, { scan, root, processes, elapsed }),
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

interface Scan {
  readonly census: Census;
  readonly kernel: KernelReading;
  /** By a monotonic clock. */
  readonly atMs: number;
}

async function scanOnce(scanner: Scanner, options: ScanOptions, now: () => number): Promise<Scan> {
  const kernel = await scanner.kernel();
  const atMs = performance.now();
  return { census: await scanner.scan(options, now()), kernel, atMs };
}

/** What listening processes had at the first scan, by pid. */
function readProcesses(root: MachineRoot, census: Census): ReadonlyMap<number, EarlierProcess> {
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

interface Context extends Earlier {
  readonly scan: ScanOptions;
  readonly root: MachineRoot;
}

function listenersOf(before: Census, after: Census, context: Context): ListenerObservation[] {
  const earlier = new Map(before.listeners.map((listener) => [listener.name, listener]));
  const sources = sourcesByListener(before, after);
  const usedBefore = usedByListener(before.listeners);
  const growth = ratesPerSecond(usedBefore, usedByListener(after.listeners), context.elapsed);
  const listeners = after.listeners.map((listener, i): ListenerObservation => {
    const then = earlier.get(listener.name);
    const endpoint = listener.endpoints.reduce((most, next) =>
      next.backlog.used > most.backlog.used ? next : most,
    );
    const earlierEndpoint = then?.endpoints.find(
      ({ address, port }) => address === endpoint.address && port === endpoint.port,
    );
    return {
      name: listener.name,
      port: endpoint.port,
      owner: null,
      headroom: headroomOf(listener, growth.get(listener.name)),
      connections: holdingCount(listener.conduct),
      connectionsBefore: then === undefined ? 0 : holdingCount(then.conduct),
      conduct: listener.conduct,
      conductBefore: then?.conduct ?? listener.conduct,
      speech: sumSpeech(sources[i]!),
      sources: sources[i]!,
      backlog: { ...endpoint.backlog, usedBefore: earlierEndpoint?.backlog.used ?? 0 },
      normalSilenceMs: normalSilenceMs(endpoint.port, context.scan),
    };
  });
  return withOwners(listeners, after, context.root, context);
}

function normalSilenceMs(port: number, scan: ScanOptions): number | null {
  const profile = scan.profile === null ? profileOfPort(port) : PROFILES[scan.profile];
  return scan.normalSilenceMs ?? profile.normalSilenceMs;
}

/** By the listener's number, the largest source first. */
function sourcesByListener(before: Census, after: Census): SourceObservation[][] {
  const earlier = new Map<string, number>();
  for (let row = 0; row < before.rows.length; row++) {
    const key = `${before.listeners[before.rows.listener[row]!]!.name} ${sourceOf(before, before.rows, row)}`;
    earlier.set(key, holdingCount(conductCounts(before.rows.counts, row)));
  }
  const sources: SourceObservation[][] = after.listeners.map(() => []);
  for (let row = 0; row < after.rows.length; row++) {
    const listener = after.rows.listener[row]!;
    const source = sourceOf(after, after.rows, row);
    const conduct = conductCounts(after.rows.counts, row);
    sources[listener]!.push({
      source,
      connections: holdingCount(conduct),
      connectionsBefore: earlier.get(`${after.listeners[listener]!.name} ${source}`) ?? 0,
      halfOpen: conduct.halfOpen,
      closing: conduct.closing,
      speech: speechCounts(after.speech!, row),
    });
  }
  for (const list of sources) list.sort((a, b) => b.connections - a.connections);
  return sources;
}

function sumSpeech(sources: readonly SourceObservation[]): SourceObservation["speech"] {
  const sum = Object.fromEntries(SPEECH.map((speech) => [speech, 0])) as Record<
    (typeof SPEECH)[number],
    number
  >;
  for (const { speech } of sources) for (const name of SPEECH) sum[name] += speech[name];
  return sum;
}
