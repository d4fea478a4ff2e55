// The loop of one network namespace: scan when due, judge, ban, evict, verify.
//
// In:  its parts, and requests of the operator's.
// Out: news: what was scanned, found, banned, evicted; answers; health.
// Promises: it decides nothing that the judge and the schedule do not decide; what fails is told, tried again, and never
//      stops the loop.

export { Guard } from "./guard.ts";
export type {
  Asked,
  EvictedFrom,
  Explained,
  FromGuard,
  GuardAnswer,
  GuardBeginning,
  GuardRequest,
  GuardSettings,
  HeldBan,
  ListenerSeen,
  ListenerSources,
  News,
  Scanned,
} from "./messages.ts";
export { LARGEST } from "./seen.ts";
