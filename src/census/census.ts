// What a scan yields. Plain values and typed arrays only, so that a worker can hand it over.

import type { DecodeLosses } from "../linux/index.ts";
import {
  type ConductCounts,
  DEFAULT_SOURCE_PREFIXES,
  type ProfileName,
  type SlotUse,
  type SourcePrefixes,
} from "../model/index.ts";
import type { TallyRows } from "./tally.ts";

/** What to scan, and how to judge silence. Null means "no wish". */
export interface ScanOptions {
  /** Only listeners on these ports. */
  readonly ports: readonly number[] | null;
  readonly prefixes: SourcePrefixes;
  /** For every listener in place of the one that its port suggests. */
  readonly profile: ProfileName | null;
  readonly silentForMs: number | null;
  readonly stalledForMs: number | null;
  readonly normalSilenceMs: number | null;
  /** Whether to find the process that holds each connection: a system call for every descriptor of the machine. */
  readonly holders: boolean;
}

/** Every listener, judged by its port's profile. */
export const EVERYTHING: ScanOptions = {
  ports: null,
  prefixes: DEFAULT_SOURCE_PREFIXES,
  profile: null,
  silentForMs: null,
  stalledForMs: null,
  normalSilenceMs: null,
  holders: false,
};

export interface ListeningProcess {
  readonly pid: number;
  readonly name: string | null;
  /** Open descriptors, and the soft limit in force; null where they may not be read. */
  readonly fdUsed: number | null;
  /** Infinity for no limit. */
  readonly fdLimit: number | null;
}

/** Connections of listeners that one process has a descriptor of. */
export interface Holder {
  /** Null for those that no visible process holds: not accepted yet, closing, or somebody else's. */
  readonly process: ListeningProcess | null;
  readonly connections: number;
  /** Connections by the listener's number. */
  readonly listeners: ReadonlyMap<number, number>;
}

export interface ListenerEndpoint {
  readonly address: string;
  readonly port: number;
  /** Connections waiting to be accepted, and how many may. */
  readonly backlog: { readonly used: number; readonly limit: number };
}

/** What was counted of one listener. */
export interface CountedListener {
  /** COMM:PORT; UNIT:PORT or ?:PORT where the process may not be seen. */
  readonly name: string;
  readonly endpoints: readonly ListenerEndpoint[];
  /** By ascending pid; empty where they may not be seen. */
  readonly processes: readonly ListeningProcess[];
  readonly conduct: ConductCounts;
}

/** The same with what its owner can hold. */
export interface ListenerCensus extends CountedListener, SlotUse {}

/** One counted snapshot: per listener and source, how many connections of each conduct. */
export interface Census extends Counted {
  readonly listeners: readonly ListenerCensus[];
}

/** A snapshot before anybody has said what programs allow themselves: that takes more than the kernel's table. */
export interface Counted {
  /** Milliseconds since the epoch, by the caller's clock. */
  readonly takenAt: number;
  /** How long asking the kernel, decoding and counting took; finding the owners of listeners is not in it. */
  readonly scanMs: number;
  /** All TCP sockets seen but the listening ones. */
  readonly sockets: number;
  /** Those of them that belong to no listener: dialled by this host, or accepted by a listener that has closed since. */
  readonly outbound: number;
  readonly listeners: readonly CountedListener[];
  /** Rows of (listener, source). */
  readonly rows: TallyRows;
  readonly prefixes: SourcePrefixes;
  /** By process, the largest first; null unless asked for. */
  readonly holders: readonly Holder[] | null;
  /** Processes whose descriptors could not be read, so that owners may be missing. */
  readonly hiddenProcesses: number;
  readonly losses: DecodeLosses;
  /** False when the kernel's table changed too fast to be read in one piece. */
  readonly consistent: boolean;
}
