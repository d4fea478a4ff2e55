// The groups that `who --by` adds: the same connections, counted by something else.

import type { Census, SourceCensus } from "../../census/index.ts";
import { CONDUCTS, type Conduct, type ConductCounts, holdingCount } from "../../model/index.ts";
import { processDocument } from "../scan-verbs/process.ts";

export const GROUPINGS = ["source", "listener", "process", "conduct"] as const;
export type Grouping = (typeof GROUPINGS)[number];

export interface ListenerGroup {
  readonly listener: string;
  readonly connections: number;
  readonly conduct: ConductCounts;
  /** How many sources it has. */
  readonly sources: number;
}

/** All null but the counts for connections that no visible process holds. */
export interface ProcessGroup {
  readonly pid: number | null;
  readonly name: string | null;
  readonly fdUsed: number | null;
  readonly fdLimit: number | null;
  readonly connections: number;
  readonly listeners: Readonly<Record<string, number>>;
}

export interface ConductGroup {
  readonly conduct: Conduct;
  readonly connections: number;
  readonly listeners: Readonly<Record<string, number>>;
}

export type WhoGroup = SourceCensus | ListenerGroup | ProcessGroup | ConductGroup;

export function groupsBy(
  by: Grouping,
  census: Census,
  sources: readonly SourceCensus[],
): readonly WhoGroup[] {
  switch (by) {
    case "source":
      return sources;
    case "listener":
      return listenerGroups(census);
    case "process":
      return processGroups(census);
    case "conduct":
      return conductGroups(census);
  }
}

/** The largest first. */
export function listenerGroups({ listeners, rows }: Census): ListenerGroup[] {
  const sources = new Array<number>(listeners.length).fill(0);
  for (const listener of rows.listener) sources[listener]!++;
  return listeners
    .map(({ name, conduct }, i) => ({
      listener: name,
      connections: holdingCount(conduct),
      conduct,
      sources: sources[i]!,
    }))
    .sort((a, b) => b.connections - a.connections);
}

/** The largest first. */
export function processGroups(census: Census): ProcessGroup[] {
  const nobody = { pid: null, name: null, fdUsed: null, fdLimit: null };
  return (census.holders ?? []).map(({ process, connections, listeners }) => ({
    ...(process === null ? nobody : processDocument(process)),
    connections,
    listeners: Object.fromEntries([...listeners].map(([i, held]) => [census.listeners[i]!.name, held])),
  }));
}

/** In the order of CONDUCTS, those that do not occur too. */
export function conductGroups({ listeners }: Census): ConductGroup[] {
  return CONDUCTS.map((conduct) => {
    const counts = listeners.map((listener) => [listener.name, listener.conduct[conduct]] as const);
    return {
      conduct,
      connections: counts.reduce((sum, [, n]) => sum + n, 0),
      listeners: Object.fromEntries(counts.filter(([, n]) => n > 0)),
    };
  });
}
