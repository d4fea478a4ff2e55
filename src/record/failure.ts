// The disk's refusals: since when, why, and when the next try is.

import { reasonOf } from "../model/index.ts";
import { type DiskTrouble, TROUBLE_WORDS } from "./ledger-error.ts";

const WAIT_FIRST_MS = 250;
const WAIT_MAX_MS = 30_000;

export interface DiskFailure {
  readonly trouble: DiskTrouble;
  /** The first refusal, in milliseconds since the epoch. */
  readonly since: number;
  /** The other side's words. */
  readonly said: string;
  readonly waitMs: number;
  /** The time of the next try, by the monotonic clock. */
  readonly nextTryMs: number;
}

/** One refusal of the disk. */
export interface DiskRefusal {
  readonly trouble: DiskTrouble;
  readonly error: unknown;
}

export interface Clocks {
  readonly wallMs: () => number;
  /** A clock that goes on whatever the wall clock is set to. */
  readonly monotonicMs: () => number;
}

/** Notes another refusal. The wait doubles from one to the next. */
export function failAgain(
  before: DiskFailure | null,
  { trouble, error }: DiskRefusal,
  { wallMs, monotonicMs }: Clocks,
): DiskFailure {
  const waitMs = before === null ? WAIT_FIRST_MS : Math.min(2 * before.waitMs, WAIT_MAX_MS);
  return {
    trouble,
    since: before?.since ?? wallMs(),
    said: reasonOf(error),
    waitMs,
    nextTryMs: monotonicMs() + waitMs,
  };
}

export type LedgerHealth =
  | { readonly ok: true; readonly dropped: number; readonly setAside: string | null }
  | {
      readonly ok: false;
      readonly failing: DiskTrouble;
      readonly since: number;
      /** Entries in memory that are not on disk yet. */
      readonly waiting: number;
      /** Entries that found no room in memory. */
      readonly dropped: number;
      readonly setAside: string | null;
      readonly text: string;
    };

export interface HealthFacts {
  readonly file: string;
  readonly waiting: number;
  readonly dropped: number;
  /** The path that a damaged ledger was moved to. */
  readonly setAside: string | null;
}

export function healthOf(
  failure: DiskFailure | null,
  { file, waiting, dropped, setAside }: HealthFacts,
): LedgerHealth {
  if (failure === null) return { ok: true, dropped, setAside };
  const { trouble, since, said } = failure;
  const text =
    `the ledger ${file} cannot be written: ${TROUBLE_WORDS[trouble]} (${said}); guarding goes on, ` +
    `${waiting} entries wait in memory and ${dropped} found no room there; ${ADVICE[trouble]}; the daemon tries again by itself`;
  return { ok: false, failing: trouble, since, waiting, dropped, setAside, text };
}

const ADVICE: Readonly<Record<DiskTrouble, string>> = {
  full: "free space there",
  "read-only": "mount it writable (dmesg tells why it is not)",
  forbidden: "give the daemon's user the file and its folder",
  broken: "look at dmesg and at the disk",
  corrupt: "look at the disk; the damaged file is set aside",
  held: "stop the other process",
  newer: "install the later release again, or move the file away",
};
