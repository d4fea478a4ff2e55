// The messages between the main thread and a guard's thread. Plain values only.

import type { AnswerOf, AskOf, GuardBeginning, News, RequestName } from "../guard/index.ts";

/** The first message to a thread. */
export interface ThreadBeginning extends GuardBeginning {
  /** The namespace that the thread enters; null to stay in its own. */
  readonly netns: string | null;
  /** Added to the monotonic clock, it gives milliseconds since the epoch, by the wall clock of the daemon's start. */
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
