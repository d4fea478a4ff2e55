// The requests to a guard and their answers, as one map of types. The messages between the threads, the handlers and
// the daemon's calls get their types from it. A new request is a row here and its handler (handlers.ts). Plain values
// only.

import type { RuleMatch, Standing } from "../judge/index.ts";
import type { Ban, Network, ProofCounts } from "../model/index.ts";
import type { ListenerSources } from "../track/index.ts";
import type { GuardSettings } from "./settings.ts";

export interface GuardRequests {
  /** New settings. `bans` replace those that stand; null leaves these as they are. */
  configure: {
    ask: { readonly settings: GuardSettings; readonly bans: readonly Ban[] | null };
    answer: null;
  };
  /** Answered in its turn, which shows that the guard is not stuck. */
  alive: { ask: null; answer: null };
  /** Bans of a listener in another guard's namespace are left to that guard. */
  ban: { ask: { readonly bans: readonly Ban[] }; answer: readonly EvictedOf[] };
  /** Answers with the bans that were lifted. */
  unban: { ask: { readonly sources: readonly Network[] | "all" }; answer: readonly Ban[] };
  /** Answers with how many connections were destroyed. A null listener stands for all. */
  evict: { ask: { readonly source: Network; readonly listener: string | null }; answer: number };
  explain: { ask: { readonly source: Network }; answer: Explained };
  /** Answers with the `top` largest sources of each listener, as of the last scan. */
  census: { ask: { readonly top: number }; answer: ListenersAt };
  bans: { ask: null; answer: readonly BanInForce[] };
  standings: { ask: null; answer: readonly Standing[] };
  /** Answers with the addresses that are never judged: the host's own, its gateways', and those of people logged in. */
  protected: { ask: null; answer: readonly Network[] };
  /** The last request. With `keep` the bans stay in the kernel until their timeouts. */
  stop: { ask: { readonly keep: boolean }; answer: null };
}

export type RequestName = keyof GuardRequests;

export type AskOf<Name extends RequestName> = GuardRequests[Name]["ask"];

export type AnswerOf<Name extends RequestName> = GuardRequests[Name]["answer"];

export interface EvictedOf {
  readonly source: Network;
  readonly evicted: number;
}

export interface BanInForce {
  readonly ban: Ban;
  /** Packets refused so far; null if nobody counts. */
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

export interface ListenersAt {
  /** Milliseconds since the epoch; null before the first scan. */
  readonly takenAt: number | null;
  readonly listeners: readonly ListenerSources[];
}
