// Keeps what must outlive the process: bans, evictions, allow entries, findings, standings. In: what happened, with its
// time. Out: what stands, and what was. Promises: what was answered with success is on disk, or is held in memory and
// said so (a full disk never stops the guarding); a process killed at any moment leaves a ledger that opens; nothing is
// kept for longer than configured; every queue has a bound and counts what it dropped.

export { type EvictionEntry, type Ledger, openLedger } from "./ledger.ts";
export type { RecordedAllow } from "./tables/allow-table.ts";
