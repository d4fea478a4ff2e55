// A scan and its judgement in numbers, few enough to be told every time.

import type { Judgement } from "../judge/index.ts";
import type { ListenerSum, TrackedCensus, TrackedListener } from "../track/index.ts";
import type { ListenerSeen, ScanSummary } from "./news.ts";

/** How many of a listener's largest sources are told. */
export const LARGEST = 5;

/** Sums a scan up. `sums` are the census's own, in the order of its listeners. */
export function summarise(
  census: TrackedCensus,
  judgement: Judgement,
  { sums, judgeMs }: { readonly sums: readonly ListenerSum[]; readonly judgeMs: number },
): ScanSummary {
  const standing = [...judgement.state.bans.values()];
  const bans = standing.reduce((count, { kind }) => count + (kind === "ban" ? 1 : 0), 0);
  return {
    at: census.takenAt,
    scanMs: census.scanMs,
    judgeMs,
    sockets: census.sockets,
    losses: Object.values(census.losses).reduce((sum: number, count) => sum + Number(count), 0),
    listeners: census.listeners.map((listener, i) => seenOf(listener, sums[i]!, judgement)),
    bans,
    caps: standing.length - bans,
    nextScan: judgement.nextScan,
  };
}

function seenOf(listener: TrackedListener, sum: ListenerSum, { pressures }: Judgement): ListenerSeen {
  const { name, used, slots, slotsFrom, slotsWhere, owner, processes, endpoints, conduct } = listener;
  return {
    name,
    pressure: pressures.get(name) ?? "calm",
    connections: sum.connections,
    ...{ used, slots, slotsFrom, slotsWhere },
    fdUsed: owner?.fdUsed ?? null,
    fdLimit: owner?.fdLimit ?? null,
    processes: processes.length,
    backlog: longestBacklog(endpoints),
    conduct,
    proofs: sum.proofs,
    sources: sum.sources,
    largest: sum.largest,
  };
}

function longestBacklog(endpoints: TrackedListener["endpoints"]): ListenerSeen["backlog"] {
  const [first, ...others] = endpoints.map(({ backlog }) => backlog);
  if (first === undefined) return null;
  return others.reduce((longest, next) => (next.used > longest.used ? next : longest), first);
}
