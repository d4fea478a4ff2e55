// The result of a play, as the judges outside saw it: ss, /proc, nft, and the clients' own results.

import type { HonestReport, WatchSample } from "./messages.ts";

export interface PlaySample extends WatchSample {
  /** Milliseconds from the beginning of the attack. */
  readonly atMs: number;
}

export interface ReportSample {
  readonly atMs: number;
  readonly report: HonestReport;
}

export interface ScenarioResult {
  readonly id: string;
  readonly protected: boolean;
  readonly strict: boolean;
  readonly scale: number;
  readonly samples: readonly PlaySample[];
  readonly reports: readonly ReportSample[];
  /** How many connections the server can hold. */
  readonly slots: number;
  readonly slotsMax: number;
  /** How long the server was full, or had no descriptor left. */
  readonly exhaustedMs: number;
  readonly callsTotal: number;
  readonly callsAnswered: number;
  readonly callsFailed: number;
  readonly latencyMs: HonestReport["latencyMs"];
  readonly held: number;
  readonly heldOpen: number;
  /** Cut connections, without those that the server's own restart cut. */
  readonly heldCut: number;
  readonly heldUnanswered: number;
  /** The attackers' connections at the victim. Behind an honest address these are all that are not the honest clients'. */
  readonly attackerHeldMax: number;
  readonly attackerHeldAtEnd: number;
  /** The most connections that one source held. */
  readonly worstSourceMax: number;
  readonly attackOpened: number;
  readonly halfOpenMax: number;
  readonly leakedMax: number;
  /** Handshakes finished a second, over the whole play. */
  readonly openedPerSecond: number;
  /** The moment when the first source had held more than its limit for as long as honest clients may; null for never. */
  readonly passedAtMs: number | null;
  /**
   * The time from then to the first element in a set of bans or caps. If protection started later, it counts from that
   * start.
   */
  readonly msToFirstBan: number | null;
  /** The time from the same moment until no attacker's connection stood any more, to the end. */
  readonly msToFreed: number | null;
  /** Sources in the kernel's sets at the end; null if there is no table. */
  readonly bannedSources: readonly string[] | null;
  readonly cappedSources: readonly string[] | null;
  /** Honest clients' addresses that are banned or capped. */
  readonly honestRefused: readonly string[];
  /** The time from the end of the first mishap until the kernel refused somebody again. */
  readonly msToRefusingAgain: number | null;
  readonly vanishedLeft: number;
  /** The verdict of `sockwarden diagnose`, if it was asked. */
  readonly verdict: string | null;
  /** The exit code of sipsak; null if it was not asked or did not end. */
  readonly secondCaller: number | null;
  readonly protector: ProtectorResult | null;
}

export interface ProtectorResult {
  readonly residentMbMax: number;
  /** The share of one core, over the play. */
  readonly cpuShare: number;
  readonly banFileMs: number | null;
  readonly banOneMs: number | null;
  /** The time from SIGTERM to the end. */
  readonly stopMs: number;
  readonly tableLeft: boolean;
  /** The output of `status --json` at the end; null if there was none. */
  readonly status: unknown;
  readonly log: string;
}
