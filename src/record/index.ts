// Keeps what must outlive the process: bans, evictions, allow entries, findings, standings. In: what happened, with its
// time. Out: what stands, and what was. Promises: what was answered with success is on disk, or is held in memory and
// said so (a full disk never stops the guarding); a process killed at any moment leaves a ledger that opens; nothing is
// kept for longer than configured; every queue has a bound and counts what it dropped.

export type { LedgerHealth } from "./failure.ts";
export { type EvictionEntry, type Ledger, type LedgerOptions, openLedger } from "./ledger.ts";
export { type DiskTrouble, LedgerError, type LedgerErrorCode } from "./ledger-error.ts";
export type { RecordedAllow } from "./tables/allow-table.ts";
export type { CountRemembered } from "./tables/bans-table.ts";
export type { LedgerEvent, LedgerEventKind } from "./tables/events-table.ts";
export type { FindingQuery, RecordedFinding } from "./tables/findings-table.ts";
