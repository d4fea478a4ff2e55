// The document of one scan, as the contract has it: from a census to plain JSON.

import { type Census, type ListenerCensus, largestSources, type SourceCensus } from "../../census/index.ts";
import { type ConductCounts, holdingCount, type SlotUse } from "../../model/index.ts";
import { timestamp } from "../output.ts";
import { type ProcessDocument, processDocument } from "./process.ts";

/** Slots are the owner's: its other listeners share them, and have the same here. */
export interface ScannedListener extends SlotUse {
  readonly name: string;
  readonly endpoints: ListenerCensus["endpoints"];
  readonly processes: readonly ProcessDocument[];
  readonly connections: number;
  readonly conduct: ConductCounts;
}

export interface ScanDocument {
  readonly takenAt: string;
  readonly scanMs: number;
  readonly sockets: number;
  readonly listeners: readonly ScannedListener[];
  readonly sources: readonly SourceCensus[];
  readonly outbound: number;
}

/** `top` limits the sources; null for all. */
export function scanDocument(census: Census, top: number | null): ScanDocument {
  return {
    takenAt: timestamp(census.takenAt),
    scanMs: Math.round(census.scanMs * 100) / 100,
    sockets: census.sockets,
    listeners: census.listeners.map(listenerDocument),
    sources: largestSources(census, top),
    outbound: census.outbound,
  };
}

function listenerDocument(listener: ListenerCensus): ScannedListener {
  return {
    name: listener.name,
    endpoints: listener.endpoints,
    processes: listener.processes.map(processDocument),
    connections: holdingCount(listener.conduct),
    conduct: listener.conduct,
    used: listener.used,
    slots: listener.slots,
    slotsFrom: listener.slotsFrom,
    slotsWhere: listener.slotsWhere,
  };
}
