// Decides which challenges to answer, and when to stop. A peer that asks again and again must not keep anyone busy:
//
//   a realm not answered yet   answer it
//   the same, stale=true       the nonce had aged: answer once more
//   the same, still stale      stale-nonce: it expires faster than it can be used
//   the same, not stale        rejected: wrong user or password
//   more than MAX_ANSWERS      challenge-loop: a new realm every time

import type { Header } from "../message/header.ts";
import { type Challenge, chooseChallenge } from "./challenge.ts";

/** Why a challenge is not answered. */
export type Unanswered = "auth-rejected" | "auth-unsupported" | "stale-nonce" | "challenge-loop";

/** The challenges answered so far, by asker and realm. */
export interface AuthSession {
  readonly answered: readonly { readonly challenge: Challenge; readonly times: number }[];
}

export const NO_ANSWERS: AuthSession = { answered: [] };

/** A proxy, a server, and room for two more on the way. */
const MAX_ANSWERS = 5;

export type AuthStep =
  | { readonly kind: "answer"; readonly session: AuthSession }
  | { readonly kind: "refuse"; readonly refusal: Unanswered };

/** Decides about a 401 or 407, once there are credentials. */
export function answerChallenge(session: AuthSession, code: 401 | 407, headers: readonly Header[]): AuthStep {
  const challenge = chooseChallenge(headers, code === 401 ? "www" : "proxy");
  if (challenge === null) return unanswered("auth-unsupported");
  const before = session.answered.find((a) => isSame(a.challenge, challenge));
  if (before !== undefined && !challenge.stale) return unanswered("auth-rejected");
  if (before !== undefined && before.times > 1) return unanswered("stale-nonce");
  const others = session.answered.filter((a) => a !== before);
  const total = session.answered.reduce((sum, a) => sum + a.times, 1);
  if (total > MAX_ANSWERS) return unanswered("challenge-loop");
  return {
    kind: "answer",
    session: { answered: [...others, { challenge, times: (before?.times ?? 0) + 1 }] },
  };
}

/** Whether a nonce had to be renewed. */
export function hasRenewedNonce(session: AuthSession): boolean {
  return session.answered.some(({ times }) => times > 1);
}

function isSame(a: Challenge, b: Challenge): boolean {
  return a.asker === b.asker && a.realm === b.realm;
}

function unanswered(refusal: Unanswered): AuthStep {
  return { kind: "refuse", refusal };
}
