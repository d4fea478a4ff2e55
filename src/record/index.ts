// Keeps what must outlive the process: bans, evictions, allow entries, findings, standings.
//
// In:  what happened, with its time.
// Out: what is in force, and what was.
// Promises: an entry that was answered with success is on disk, or is held in memory and said to be (a full disk never
//      stops the guard). A process killed at any moment leaves a ledger that opens. Nothing is kept for longer than
//      configured. Every queue has a bound and counts what it dropped.

export { type EvictionEntry, type Ledger, openLedger } from "./ledger.ts";
export type { RecordedAllow } from "./tables/allow-table.ts";
