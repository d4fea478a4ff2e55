// The errors of a ledger. Only opening throws to the caller, and only if going on would do harm. A disk that refuses
// while the guard runs is told as health (store.ts).

import { errorCode, Refusal } from "../model/index.ts";

export type LedgerErrorCode =
  /** Another process holds the ledger. */
  | "held"
  /** A later release wrote it. */
  | "newer"
  /** It was used after close(). */
  | "closed"
  | "full"
  | "read-only"
  | "forbidden"
  | "broken"
  | "corrupt";

/** The refusals of the world while a ledger is in use. */
export type DiskTrouble = Exclude<LedgerErrorCode, "closed">;

export class LedgerError extends Refusal {
  readonly code: LedgerErrorCode;
  readonly operation: string;

  constructor(code: LedgerErrorCode, operation: string, text: string, cause?: unknown) {
    super(`${operation}: ${text}`, cause);
    this.code = code;
    this.operation = operation;
  }
}

/** Primary result codes, https://www.sqlite.org/rescode.html; extended ones have them in their low byte. */
const TROUBLES: ReadonlyMap<number, DiskTrouble> = new Map([
  [3, "forbidden"],
  [5, "broken"],
  [6, "broken"],
  [7, "broken"],
  [8, "read-only"],
  [10, "broken"],
  [11, "corrupt"],
  [13, "full"],
  [14, "broken"],
  [22, "broken"],
  [26, "corrupt"],
]);

const SYSTEM_TROUBLES: Readonly<Record<string, DiskTrouble>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EROFS: "read-only",
  EACCES: "forbidden",
  EPERM: "forbidden",
};

const SQLITE_BUSY = 5;

/** SQLite's primary result code; null for an error that SQLite did not throw. */
function sqliteCode(error: unknown): number | null {
  if (!(error instanceof Error) || !("errcode" in error)) return null;
  return Number(error.errcode) & 0xff;
}

export function isBusy(error: unknown): boolean {
  return sqliteCode(error) === SQLITE_BUSY;
}

/** The trouble behind a refusal of the world; null for a mistake of our own, which is to be thrown on. */
export function troubleOf(error: unknown): DiskTrouble | null {
  if (error instanceof LedgerError) return error.code === "closed" ? null : error.code;
  const code = sqliteCode(error);
  if (code !== null) return TROUBLES.get(code) ?? null;
  if (!(error instanceof Error) || !("syscall" in error)) return null;
  return SYSTEM_TROUBLES[errorCode(error)] ?? "broken";
}

export const TROUBLE_WORDS: Readonly<Record<DiskTrouble, string>> = {
  full: "the disk is full",
  "read-only": "the file system or the file is read-only",
  forbidden: "the file may not be opened by this user",
  broken: "the disk does not work",
  corrupt: "the file is damaged",
  held: "another process holds it",
  newer: "a later release wrote it",
};
