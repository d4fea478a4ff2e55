// The loop of one network namespace: scan when due, judge, ban, evict, verify.
//
// In:  its parts, which are passed in; settings; requests of the operator's.
// Out: news: what was scanned, found, banned, evicted; answers; health.
// Promises: it decides nothing that the judge and the schedule do not decide; what fails is told, tried again, and never
//      stops the loop; no part of it touches the kernel but those passed in.

export { Guard } from "./guard.ts";
export type { ListenerSeen, News, ScanSummary } from "./news.ts";
export { type GuardParts, NO_TAP } from "./parts.ts";
export type {
  AnswerOf,
  AskOf,
  BanInForce,
  EvictedOf,
  Explained,
  ListenersAt,
  RequestName,
} from "./requests.ts";
export { LARGEST } from "./scan-summary.ts";
export type { GuardBeginning, GuardSettings } from "./settings.ts";
