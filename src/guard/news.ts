// News is what a guard tells by itself: what it scanned, found, banned and evicted, and what is wrong. It is plain
// values, small enough to be sent to the main thread after every scan.

import type { EvictedConnections } from "../enforce/index.ts";
import type { Ban, ConductCounts, Finding, Pressure, ProofCounts, SlotUse } from "../model/index.ts";
import type { NextScan } from "../track/index.ts";

/** One listener in a scan. */
export interface ListenerSeen extends SlotUse {
  readonly name: string;
  readonly pressure: Pressure;
  readonly connections: number;
  readonly fdUsed: number | null;
  readonly fdLimit: number | null;
  readonly processes: number;
  readonly backlog: { readonly used: number; readonly limit: number } | null;
  readonly conduct: ConductCounts;
  readonly proofs: ProofCounts;
  readonly sources: number;
  /** Connections of each of the largest sources, in descending order. */
  readonly largest: readonly number[];
}

export interface ScanSummary {
  readonly at: number;
  readonly scanMs: number;
  readonly judgeMs: number;
  readonly sockets: number;
  readonly losses: number;
  readonly listeners: readonly ListenerSeen[];
  readonly bans: number;
  readonly caps: number;
  readonly nextScan: NextScan;
}

/** Something that is wrong with the guard itself. A null text says that it is well again. */
export interface GuardHealth {
  readonly code: string;
  readonly severity: Finding["severity"];
  readonly text: string | null;
}

/** Everything that happened since the last news. */
export interface News {
  /** Whether bans and evictions only tell what would have been done. */
  readonly observes: boolean;
  readonly scanned: ScanSummary | null;
  readonly findings: readonly Finding[];
  readonly bans: readonly Ban[];
  readonly evictions: readonly EvictedConnections[];
  readonly health: readonly GuardHealth[];
  /** The thread's counts so far. */
  readonly scans: number;
  readonly cpuMs: number;
}
