// The nouns that three rooms or more share: addresses, sources, TCP states, conduct, proof, profiles, policies, plans.
//
// In:  text as people write it, and numbers as the kernel has them.
// Out: readonly values, and the text that people read.
// Promises: pure: no clock, no I/O, no import from any other room. One address has one representation, whatever family
//      its socket had. One idea has one word, the same in code, on the command line and in JSON.

export {
  ADDRESS_BITS,
  ADDRESS_BYTES,
  type Address,
  formatAddress,
  type IpFamily,
  isIpv4,
  isIpv4Words,
  isUnspecified,
  MAPPED_WORD,
  parseAddress,
} from "./address.ts";
export { BACKEND_CHOICES, BACKENDS, type BackendChoice, type BackendName } from "./backend.ts";
export { type Ban, type BanKey, type BanKind, banKeyText } from "./ban.ts";
export { CAUSES, type Cause, type HoardCause, hoardCause } from "./cause.ts";
export {
  CONDUCTS,
  type Conduct,
  type ConductCounts,
  conductLabel,
  HOLDING,
  holdingCount,
  SUSPICIOUS,
} from "./conduct.ts";
export { DURATION_FORM, formatDuration, parseDuration } from "./duration.ts";
export type { Eviction, Finding, Plan } from "./plan.ts";
export {
  type AllowEntry,
  DEFAULT_LIMITS,
  DEFAULT_PRESSURE,
  highestPressure,
  type Limits,
  type ListenerPolicy,
  type ListenerSelector,
  PRESSURES,
  type Pressure,
  type PressureLevels,
  pressureOf,
} from "./policy.ts";
export {
  HOLD_FACTOR,
  isTlsPort,
  PROFILE_NAMES,
  PROFILES,
  type Profile,
  type ProfileName,
  profileOfPort,
  withTimes,
} from "./profile.ts";
export {
  DEAD,
  LEFT_OPEN,
  MERITS,
  OVERDUE,
  PROOF_COUNT,
  PROOFS,
  Proof,
  type ProofCounts,
  YOUNG,
} from "./proof.ts";
export { errorCode, Refusal, reasonOf, traceOf } from "./refusal.ts";
export { parseRuleName, RULE_NAMES, type RuleName } from "./rule-name.ts";
export { compareSeverity, isAtLeast, SEVERITIES, type Severity } from "./severity.ts";
export {
  type ConnectionLimit,
  NO_SLOTS,
  SLOTS_FROM,
  type SlotsFrom,
  type SlotUse,
  slotShare,
} from "./slots.ts";
export {
  contains,
  covers,
  DEFAULT_SOURCE_PREFIXES,
  formatNetwork,
  formatSource,
  ipv4Bits,
  maskAddress,
  maskBits,
  type Network,
  networkFamily,
  parseNetwork,
  prefixLengthOf,
  SOURCE_WORDS,
  type SourcePrefixes,
  sourceBits,
  touches,
} from "./source.ts";
export { TcpState } from "./tcp-state.ts";
export { bytesText, count, percent, plain, secondsText } from "./words.ts";
