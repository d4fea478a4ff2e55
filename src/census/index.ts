// Counts who holds a server's connections. In: a network namespace, ports, how to judge silence; for a watch the policies
// of its listeners. Out: a Census, one counted snapshot per listener and source with the conduct of every connection, and
// views of it; from a Watcher, which remembers each connection from look to look, a WatchCensus with their proofs and the
// sockets that an eviction means; from schedule.ts when the next look is due.
// Promises: outbound connections are never counted as a listener's; an address is one source however its socket was
// opened; nothing is allocated per socket; looks that would hold the main loop up happen in a worker; what could not be
// decoded is in the census's `losses`. What it cannot know (owners, without the right to see them) is null or empty.

export {
  type Census,
  EVERYTHING,
  type Holder,
  type ListenerCensus,
  type ListenerEndpoint,
  type ListeningProcess,
  type LookOptions,
} from "./census.ts";
export { conductCounts } from "./count.ts";
export {
  type CensusGrowth,
  describeSources,
  followGrowth,
  type SourceGrowth,
} from "./growth.ts";
export { defaultPolicy } from "./guarded.ts";
export type { KernelReading } from "./kernel.ts";
export { ScanError, type ScanErrorCode } from "./scan-messages.ts";
export { openScanner, type Scanner, type ScannerOptions } from "./scanner.ts";
export {
  decideLook,
  type Exhaustion,
  type ExhaustionReading,
  followExhaustion,
  housekeepingMs,
  type LastLook,
  type LookBegun,
  type LookDecision,
  type LookReason,
  NOT_EXHAUSTED,
  opensUntilScarce,
  type ScheduleSettings,
  SIGNALS_EVERY_MS,
  type SignalsNow,
  settleLook,
} from "./schedule.ts";
export { SignalReader, type SignalReaderOptions } from "./signals.ts";
export { largestSources, type SourceCensus, sourceOf } from "./sources.ts";
export { SPEECH, type Speech, type SpeechCounts, speechCounts } from "./speech.ts";
export { SOURCE_WORDS } from "./tally.ts";
export { type HeldConnections, proofCounts, Watcher, type WatcherOptions } from "./watch.ts";
export type { ProofRows, WatchCensus, WatchedListener } from "./watch-types.ts";
