// The memory of every connection from scan to scan, and when the next scan is due.
//
// In:  the policies of the listeners to track, the kernel, and cheap triggers between the scans.
// Out: a TrackedCensus: for each listener and source, how many connections of each proof; the sockets that an eviction
//      means; from the schedule, whether to scan now. For `diagnose`, which enforces nothing, the same proofs beside a
//      census of all listeners.
// Promises: a connection keeps what it has shown, under any order and number of scans. Nothing is allocated per socket.
//      Everything remembered has a bound, and what did not fit is counted. All ages are by a monotonic clock.

export { CensusTracker, type ProvenCensus } from "./census-tracker.ts";
export {
  type ListenerSources,
  type ListenerSum,
  largestByListener,
  sumByListener,
} from "./listener-sums.ts";
export { type ScanTaken, ScanTimer } from "./scan-timer.ts";
export {
  decideScan,
  type LastScan,
  type NextScan,
  opensUntilScarce,
  type ScheduleSettings,
  TRIGGERS_EVERY_MS,
} from "./schedule.ts";
export { defaultPolicy } from "./selected-listeners.ts";
export type { ProofRows, TrackedCensus, TrackedListener } from "./tracked-census.ts";
export { proofCounts, Tracker } from "./tracker.ts";
export { TriggerReader } from "./triggers.ts";
