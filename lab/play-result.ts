// What came of a play, as the judges outside saw it: ss, /proc, nft, and the clients' own results.

import type { HonestReport, WatchSample } from "./messages.ts";

export interface PlaySample extends WatchSample {
  /** From the beginning of the attack. */
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
  /** What the server can hold. */
  readonly slots: number;
  readonly slotsMax: number;
  /** How long it held that many, or had no descriptor left. */
  readonly exhaustedMs: number;
  readonly callsTotal: number;
  readonly callsAnswered: number;
  readonly callsFailed: number;
  readonly latencyMs: HonestReport["latencyMs"];
  readonly held: number;
  readonly heldOpen: number;
  /** Without those that the server's own restart cut. */
  readonly heldCut: number;
  readonly heldUnanswered: number;
  /** Connections that stand at the victim. Behind an honest address: those that are not the honest clients'. */
  readonly attackerHeldMax: number;
  readonly attackerHeldAtEnd: number;
  /** The most that one source held. */
  readonly worstSourceMax: number;
  readonly attackOpened: number;
  readonly halfOpenMax: number;
  readonly leakedMax: number;
  /** Handshakes finished a second, over the whole play. */
  readonly openedPerSecond: number;
  /** When the first source had more than its limit for as long as honest clients may; null: never. */
  readonly passedAtMs: number | null;
  /** From then, or from the start of the protection where that came later, to the first element in a set of bans or caps. */
  readonly msToFirstBan: number | null;
  /** ... and until none of the attackers' connections stood any more, to the end. */
  readonly msToFreed: number | null;
  /** In the kernel at the end; null where there is no table. */
  readonly bannedSources: readonly string[] | null;
  readonly cappedSources: readonly string[] | null;
  /** Addresses of the honest clients that are in either. */
  readonly honestRefused: readonly string[];
  /** From the end of the first mishap until the kernel refused somebody again. */
  readonly msToRefusingAgain: number | null;
  readonly vanishedLeft: number;
  /** The verdict of `sockwarden diagnose`, where asked. */
  readonly verdict: string | null;
  /** The exit code of sipsak; null where it was not asked or gave no end. */
  readonly secondCaller: number | null;
  readonly protector: ProtectorResult | null;
}

export interface ProtectorResult {
  readonly residentMbMax: number;
  /** Of one core, over the play. */
  readonly cpuShare: number;
  readonly banFileMs: number | null;
  readonly banOneMs: number | null;
  /** SIGTERM to the end. */
  readonly stopMs: number;
  readonly tableLeft: boolean;
  /** `status --json` at the end; null where it gave none. */
  readonly status: unknown;
  readonly log: string;
}
