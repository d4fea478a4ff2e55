// Whether a SIP server is there for a client that comes now: messages, transactions, digest, look-up, the five
// transports, the probe that puts them together, and the pure parts of monitors, which probe on a timer.
//
// In:  a target as people write it, options, an AbortSignal.
// Out: a `ProbeResult`: an outcome for each cause, the phase in which the probe ended, and what each phase took; words
//      for people; the state that an outcome means.
// Promises: whatever a peer sends, the probe ends in a listed outcome, in bounded time and memory. Every probe is a
//      fresh connection, closed at its end. A peer's text loses the control characters that a terminal acts on. A
//      refusal of the world is a result; only our own mistakes throw. All files are functions on values, except
//      `system.ts`, `lookup/system-resolver.ts`, and those of `transport/` and `probe/` that hold sockets or timers.

export type { Credentials } from "./auth/digest.ts";
export { type CodeExpectation, EXPECT_FORM, parseExpectation } from "./expect.ts";
export type { Resolver } from "./lookup/resolver.ts";
export { systemResolver } from "./lookup/system-resolver.ts";
export { stripControls, utf8ByteString } from "./message/text.ts";
export { MonitorHistory } from "./monitor-history.ts";
export { firstProbeAt, type MonitorSchedule, nextProbeAt } from "./monitor-schedule.ts";
export {
  DEFAULT_HYSTERESIS,
  type Hysteresis,
  type MonitorState,
  stepMonitor,
  UNKNOWN_MONITOR,
} from "./monitor-state.ts";
export { isAnswer, type Outcome, PHASES, type Phase, type State, stateOf } from "./outcome.ts";
export type { PhaseTimes } from "./probe/phase-clock.ts";
export { probe, probeAll } from "./probe/probe.ts";
export { registeredUser } from "./probe/question.ts";
export {
  type Attempt,
  PROBE_METHODS,
  type ProbeMethod,
  type ProbeOptions,
  type ProbeResult,
} from "./probe/result.ts";
export { randomFraction } from "./system.ts";
export { parseTarget, type Target } from "./target.ts";
export { RFC_TIMERS } from "./transaction.ts";
export { daysUntil } from "./transport/certificate.ts";
export type { TlsOptions } from "./transport/tls.ts";
export { outcomeWords } from "./words.ts";
