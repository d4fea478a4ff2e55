// What the main thread and a guard's thread say to each other. Plain values only.

import type { BackendName, Evicted, RulesetSpec } from "../enforce/index.ts";
import type { Remembered, RuleMatch, Standing, StepOptions } from "../judge/index.ts";
import type {
  Ban,
  ConductCounts,
  Finding,
  ListenerPolicy,
  Network,
  Pressure,
  ProofCounts,
  SlotUse,
  SourcePrefixes,
} from "../model/index.ts";
import type { NextScan } from "../track/index.ts";

/** What a reload may change. */
export interface GuardSettings {
  /** Null: every listener found is watched, and nothing is enforced. */
  readonly policies: readonly ListenerPolicy[] | null;
  readonly prefixes: SourcePrefixes;
  readonly judging: StepOptions;
  readonly backend: BackendName;
  readonly action: RulesetSpec["action"];
  readonly fence: boolean;
  readonly evictPerSecond: number;
  readonly everyMs: number;
  readonly cpuBudget: number;
}

/** What a thread begins with. */
export interface GuardBeginning {
  readonly netns: string | null;
  readonly settings: GuardSettings;
  readonly remembered: Remembered;
  /** Added to the monotonic clock, it gives milliseconds since the epoch as they were counted when the daemon started. */
  readonly clockOffsetMs: number;
}

export type GuardRequest =
  /** `bans` take the place of those that stand; null leaves these as they are. */
  | { readonly kind: "settings"; readonly settings: GuardSettings; readonly bans: readonly Ban[] | null }
  | { readonly kind: "ban"; readonly bans: readonly Ban[] }
  | { readonly kind: "unban"; readonly sources: readonly Network[] | "all" }
  | { readonly kind: "evict"; readonly source: Network; readonly listener: string | null }
  | { readonly kind: "explain"; readonly source: Network }
  | { readonly kind: "census"; readonly top: number }
  | { readonly kind: "answer" }
  | { readonly kind: "bans" }
  | { readonly kind: "standings" }
  | { readonly kind: "protected" }
  | { readonly kind: "stop"; readonly keep: boolean };

export interface Asked {
  readonly id: number;
  readonly request: GuardRequest;
}

export interface EvictedFrom {
  readonly source: Network;
  readonly evicted: number;
}

export interface HeldBan {
  readonly ban: Ban;
  /** Refused so far; null where nobody counts. */
  readonly packets: number | null;
}

export interface SourceAtListener {
  readonly listener: string;
  readonly connections: number;
  readonly proofs: ProofCounts;
}

export interface Explained {
  readonly connections: readonly SourceAtListener[];
  readonly standings: readonly Standing[];
  readonly matches: readonly RuleMatch[];
}

export interface ListenerSources {
  readonly name: string;
  readonly connections: number;
  readonly proofs: ProofCounts;
  readonly sources: readonly {
    readonly source: string;
    readonly connections: number;
    readonly proofs: ProofCounts;
  }[];
}

export type GuardAnswer =
  | { readonly kind: "done" }
  | { readonly kind: "evicted"; readonly evicted: readonly EvictedFrom[] }
  | { readonly kind: "lifted"; readonly lifted: readonly Ban[] }
  | { readonly kind: "explained"; readonly explained: Explained }
  | {
      readonly kind: "census";
      readonly takenAt: number | null;
      readonly listeners: readonly ListenerSources[];
    }
  | { readonly kind: "bans"; readonly bans: readonly HeldBan[] }
  | { readonly kind: "standings"; readonly standings: readonly Standing[] }
  | { readonly kind: "protected"; readonly networks: readonly Network[] };

/** What a scan saw of one listener, small enough to be sent every time. */
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
  /** Of the largest sources, in descending order. */
  readonly largest: readonly number[];
}

export interface Scanned {
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

/** Something that is wrong with the guard itself; null text: it is well again. */
export interface GuardHealth {
  readonly code: string;
  readonly severity: Finding["severity"];
  readonly text: string | null;
}

/** What happened since the last news. */
export interface News {
  /** Whether bans and evictions are what would have been done. */
  readonly observes: boolean;
  readonly scanned: Scanned | null;
  readonly findings: readonly Finding[];
  readonly bans: readonly Ban[];
  readonly evictions: readonly Evicted[];
  readonly health: readonly GuardHealth[];
  /** Of the thread, so far. */
  readonly scans: number;
  readonly cpuMs: number;
}

export type FromGuard =
  | { readonly kind: "ready" }
  /** It could not begin, and ends. */
  | { readonly kind: "unable"; readonly message: string }
  | { readonly kind: "news"; readonly news: News }
  | { readonly kind: "answer"; readonly id: number; readonly answer: GuardAnswer }
  | { readonly kind: "refused"; readonly id: number; readonly code: string; readonly message: string };
