// What `diagnose` judges: two scans some seconds apart, joined into plain values. gather.ts makes one from the machine,
// tests make theirs up. "Before" is the first scan; everything else is of the second.

import type { Headroom } from "../census/index.ts";
import type { Use } from "../linux/index.ts";
import type { ConductCounts, ConnectionLimit, ProofCounts } from "../model/index.ts";

export interface Observation {
  /** Between the two scans. */
  readonly seconds: number;
  readonly listeners: readonly ListenerObservation[];
  readonly kernel: KernelObservation;
  /** What was recorded before today; null where no daemon has run. */
  readonly history: RecordedDays | null;
}

export interface ListenerObservation {
  readonly name: string;
  readonly port: number;
  /** Null where the process may not be seen. */
  readonly owner: OwnerObservation | null;
  /** Of its owner's slots, for all listeners that share them. */
  readonly headroom: Headroom;
  /** What its program itself allows, also where the slots are fewer; null where nobody knows. */
  readonly programLimit: ConnectionLimit | null;
  /** Connections that hold a descriptor or will. */
  readonly connections: number;
  readonly connectionsBefore: number;
  readonly conduct: ConductCounts;
  readonly conductBefore: ConductCounts;
  /** What the connections have shown that the program has accepted. */
  readonly accepted: ProofCounts;
  /** The same of those that wait in the accept queue. */
  readonly waiting: ProofCounts;
  /** The largest first. */
  readonly sources: readonly SourceObservation[];
  /** Of the endpoint whose accept queue is the fullest. */
  readonly backlog: {
    readonly used: number;
    readonly usedBefore: number;
    readonly limit: number;
  };
  /** The longest time that an honest client of this protocol says nothing; null where nobody knows. */
  readonly normalSilenceMs: number | null;
}

/** Before anybody has said what its owner can hold. */
export type UnmeasuredListener = Omit<ListenerObservation, "headroom" | "programLimit">;

/** The process that holds the accepted connections, or will. */
export interface OwnerObservation {
  readonly pid: number;
  readonly name: string | null;
  readonly descriptors: DescriptorUse | null;
  readonly limitOrigin: LimitOrigin;
  /** R, S, T and so on, as proc(5) has them; null where unknown. */
  readonly state: string | null;
  readonly ageMs: number | null;
  /** Of one core, between the scans. */
  readonly cpuShare: number | null;
}

export interface DescriptorUse {
  readonly used: number;
  readonly usedBefore: number;
  /** Infinity for no limit. */
  readonly soft: number;
  readonly hard: number;
}

/** What the machine's files say about a process's descriptor limit. */
export interface LimitOrigin {
  readonly unit: string | null;
  /** LimitNOFILE of the unit, as it is written. */
  readonly unitLimit: { readonly soft: number; readonly file: string } | null;
  /** The highest nofile of limits.conf and its folder. */
  readonly pamLimit: { readonly soft: number; readonly file: string } | null;
}

export interface SourceObservation {
  readonly source: string;
  readonly connections: number;
  readonly connectionsBefore: number;
  readonly halfOpen: number;
  readonly closing: number;
  readonly accepted: ProofCounts;
  readonly waiting: ProofCounts;
  /** How many of its accepted connections had only kept alive at the first scan. */
  readonly pingsBefore: number;
}

export interface KernelObservation {
  /** By how much counters rose between the scans, by `Section.Name`; what did not rise may be missing. */
  readonly rose: ReadonlyMap<string, number>;
  readonly conntrack: Use | null;
  readonly openFiles: Use | null;
  readonly tcpMemory: Use | null;
}

/** Recorded days by the listener's name, the oldest first. */
export type RecordedDays = ReadonlyMap<string, readonly HistoryPoint[]>;

/** What a listener held at a time, usually the day's peak. */
export interface HistoryPoint {
  readonly daysAgo: number;
  readonly connections: number;
  readonly sources: number;
  /** Held by the largest source. */
  readonly largestSource: number;
}
