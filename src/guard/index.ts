// The loop of one network namespace: scan when due, judge, ban, evict, verify.
//
// In:  its parts, which are passed in; settings; requests of the operator.
// Out: news of what was scanned, found, banned and evicted; answers; health.
// Promises: the judge and the schedule decide, and the guard carries out. A failure is told, tried again, and never
//      stops the loop. Only the parts that are passed in touch the kernel.

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
