// One scan of the kernel's socket table, counted.
//
// In:  a network namespace, the ports that matter, and how to judge silence.
// Out: a Census: for each listener and source, how many connections of each conduct; the owners of the listeners and
//      their slots. Views of a census: the largest sources, and the growth from one census to the next. The parts from
//      which `track` builds a census that remembers.
// Promises: outbound connections are never counted as a listener's. An address is one source, however its socket was
//      opened. Nothing is allocated per socket. A worker takes every scan that would hold the main loop up. The
//      census's `losses` count the rows that could not be decoded. Values that cannot be known are null or empty, such
//      as the owners without the right to see them.

export {
  type Census,
  type Counted,
  type CountedListener,
  EVERYTHING,
  type Holder,
  type ListenerCensus,
  type ListenerEndpoint,
  type ListeningProcess,
  type ScanOptions,
} from "./census.ts";
export { CensusTaker, type CensusTakerOptions, profileFor } from "./census-taker.ts";
export { conductOf, isDialled } from "./conduct.ts";
export { conductCounts, NO_ROW } from "./count.ts";
export { type Endpoint, EndpointIndex, NO_LISTENER } from "./endpoints.ts";
export { type CensusGrowth, describeSources, followGrowth, type SourceGrowth } from "./growth.ts";
export { type Headroom, headroomOf, ratesPerSecond, usedByListener } from "./headroom.ts";
export { describeEndpoint, type FoundListeners, type Listener, ListenerFinder } from "./listeners.ts";
export { ScanError, scanErrorOf } from "./scan-messages.ts";
export { openScanner, type Scanner } from "./scanner.ts";
export { type ReadProgramLimit, SlotBook } from "./slot-book.ts";
export { SocketDumps } from "./socket-dumps.ts";
export { maskWords, SourceReader } from "./source-reader.ts";
export { largestSources, type SourceCensus, sourceText } from "./sources.ts";
export { isProbed, isWindowShut, NOT_STUCK, stuckAtLeastMs } from "./stuck.ts";
export { CONDUCT_COUNT, Tally } from "./tally.ts";
