// The document of `who`, as the contract has it: from a census to plain JSON.

import { type Census, type ListenerCensus, largestSources, type SourceCensus } from "../census/index.ts";
import { type ConductCounts, holdingCount, type SlotUse } from "../model/index.ts";
import { timestamp } from "./output.ts";
import { type Group, type Grouping, groupsBy } from "./who-groups.ts";
import { type WhoProcess, whoProcess } from "./who-process.ts";

/** Slots are the owner's: its other listeners share them, and have the same here. */
export interface WhoListener extends SlotUse {
  readonly name: string;
  readonly endpoints: ListenerCensus["endpoints"];
  readonly processes: readonly WhoProcess[];
  readonly connections: number;
  readonly conduct: ConductCounts;
}

export interface WhoDocument {
  readonly takenAt: string;
  readonly scanMs: number;
  readonly sockets: number;
  readonly listeners: readonly WhoListener[];
  readonly sources: readonly SourceCensus[];
  readonly outbound: number;
  readonly groups?: readonly Group[];
}

export interface WhoShape {
  readonly by: Grouping | null;
  /** How many sources, or null for all. */
  readonly top: number | null;
}

export function whoDocument(census: Census, { by, top }: WhoShape): WhoDocument {
  const sources = largestSources(census, top);
  const document = {
    takenAt: timestamp(census.takenAt),
    scanMs: Math.round(census.scanMs * 100) / 100,
    sockets: census.sockets,
    listeners: census.listeners.map(whoListener),
    sources,
    outbound: census.outbound,
  };
  return by === null ? document : { ...document, groups: groupsBy(by, census, sources) };
}

function whoListener(listener: ListenerCensus): WhoListener {
  return {
    name: listener.name,
    endpoints: listener.endpoints,
    processes: listener.processes.map(whoProcess),
    connections: holdingCount(listener.conduct),
    conduct: listener.conduct,
    used: listener.used,
    slots: listener.slots,
    slotsFrom: listener.slotsFrom,
    slotsWhere: listener.slotsWhere,
  };
}
