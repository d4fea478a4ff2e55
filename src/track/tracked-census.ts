// What a tracked scan yields: like a census, but of the listeners that policies select, and with each connection's proof
// beside its conduct.

import type { ListenerEndpoint, ListeningProcess } from "../census/index.ts";
import type { DecodeLosses } from "../linux/index.ts";
import type { ConductCounts, ListenerPolicy, SlotUse, SourcePrefixes } from "../model/index.ts";

/** Rows of (listener, source), in columns. Sources are masked addresses in network byte order, IPv4 as ::ffff:a.b.c.d. */
export interface ProofRows {
  readonly length: number;
  /** Index of the listener. */
  readonly listener: Uint32Array;
  /** SOURCE_WORDS a row. */
  readonly source: Uint32Array;
  /** PROOF_COUNT a row, in the order of PROOFS. */
  readonly counts: Uint32Array;
  /**
   * The earliest moment at which time alone makes one of its connections overdue, or silent from mute, by the clock of
   * takenAt; Infinity for never.
   */
  readonly dueAt: Float64Array;
}

/** Its slots are its owner's: where workers accept for themselves, what all of them hold when the fullest one is full. */
export interface TrackedListener extends SlotUse {
  readonly name: string;
  readonly policy: ListenerPolicy;
  readonly endpoints: readonly ListenerEndpoint[];
  readonly processes: readonly ListeningProcess[];
  /** The process that holds the accepted connections, as far as can be told: of the listener's processes the one with the most descriptors. */
  readonly owner: ListeningProcess | null;
  /** Descriptors that the owner has in use, less those of connections that are gone and that it is about to close; null where unknown. */
  readonly fdHeld: number | null;
  readonly conduct: ConductCounts;
}

export interface TrackedCensus {
  /** Milliseconds since the epoch, by the caller's clock. */
  readonly takenAt: number;
  /** How long asking the kernel, decoding and counting took; finding the owners of listeners is not in it. */
  readonly scanMs: number;
  /** Processor time of the same: what a scan costs, and a busy machine does not change. */
  readonly cpuMs: number;
  /** All TCP sockets seen but the listening ones. */
  readonly sockets: number;
  /** One a policy, in their order, also where its listener is not there; without policies one a listener found. */
  readonly listeners: readonly TrackedListener[];
  readonly rows: ProofRows;
  readonly prefixes: SourcePrefixes;
  readonly losses: DecodeLosses;
  /** False when the kernel's table changed too fast to be read in one piece. */
  readonly consistent: boolean;
}
