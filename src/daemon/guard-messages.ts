// What the main thread and a guard's thread say to each other. Plain values only.

import type { AnswerOf, AskOf, GuardBeginning, News, RequestName } from "../guard/index.ts";

/** The first message to a thread. */
export interface ThreadBeginning extends GuardBeginning {
  /** Where the thread is to work; null for where it is. */
  readonly netns: string | null;
  /** Added to the monotonic clock, it gives milliseconds since the epoch as they were counted when the daemon started. */
  readonly clockOffsetMs: number;
}

/** Every other message to it. */
export interface ToGuard<Name extends RequestName = RequestName> {
  readonly id: number;
  readonly name: Name;
  readonly ask: AskOf<Name>;
}

export type FromGuard =
  | { readonly kind: "ready" }
  /** It could not begin, and ends. */
  | { readonly kind: "unable"; readonly message: string }
  | { readonly kind: "news"; readonly news: News }
  | { readonly kind: "answer"; readonly id: number; readonly answer: AnswerOf<RequestName> }
  | { readonly kind: "refused"; readonly id: number; readonly code: string; readonly message: string };
