// How a probe ended: one name for each cause, with the state it means and words for people. The phase in which it ended
// says as much as the name: in an outage by exhausted descriptors a server still connects, and then says nothing.

import { Refusal } from "../model/index.ts";

export const PHASES = ["lookup", "connect", "tls", "ws", "response"] as const;

export type Phase = (typeof PHASES)[number];

/** `up`: clients are served. `degraded`: they are, but worse than they should be. `down`: they are not. */
export type State = "up" | "degraded" | "down";

export const UP_OUTCOMES = ["answered", "redirect"] as const;

export const DEGRADED_OUTCOMES = [
  "retransmitted",
  "late",
  "failed-over",
  "unavailable",
  "server-error",
  "relayed-timeout",
] as const;

/** In the order in which a probe can meet them. */
export const DOWN_OUTCOMES = [
  "unexpected-code",
  "auth-rejected",
  "auth-unsupported",
  "stale-nonce",
  "challenge-loop",
  "dns-error",
  "dns-empty",
  "lookup-timeout",
  "refused",
  "unreachable",
  "no-route",
  "local-error",
  "connect-timeout",
  "tls-timeout",
  "tls-reset",
  "tls-closed",
  "tls-version",
  "tls-not-spoken",
  "tls-client-certificate",
  "tls-failed",
  "tls-cert-expired",
  "tls-cert-not-yet-valid",
  "tls-cert-name",
  "tls-cert-untrusted",
  "ws-timeout",
  "ws-http",
  "ws-no-subprotocol",
  "ws-bad-handshake",
  "ws-closed",
  "no-response",
  "no-final-response",
  "closed-early",
  "reset",
  "bad-response",
  "half-message",
  "stray-response",
  "endless-response",
] as const;

export type Outcome =
  | (typeof UP_OUTCOMES)[number]
  | (typeof DEGRADED_OUTCOMES)[number]
  | (typeof DOWN_OUTCOMES)[number];

export function stateOf(outcome: Outcome): State {
  if ((UP_OUTCOMES as readonly Outcome[]).includes(outcome)) return "up";
  return (DEGRADED_OUTCOMES as readonly Outcome[]).includes(outcome) ? "degraded" : "down";
}

/** Whether a final response came, whatever its code. */
export function isAnswer(outcome: Outcome): boolean {
  return stateOf(outcome) !== "down" || ANSWERED_DOWN.has(outcome);
}

const ANSWERED_DOWN: ReadonlySet<Outcome> = new Set<Outcome>([
  "unexpected-code",
  "auth-rejected",
  "auth-unsupported",
  "stale-nonce",
  "challenge-loop",
]);

/** The world said no to a probe: where it ended, how, and the other side's own words. */
export class ProbeError extends Refusal {
  readonly code: Outcome;
  readonly operation: Phase;
  readonly detail: string;
  /** How often the request had been sent again by then. */
  readonly retransmits: number;

  constructor(code: Outcome, operation: Phase, detail: string, cause?: unknown, retransmits = 0) {
    super(`probe ${operation}: ${code}${detail === "" ? "" : `: ${detail}`}`, cause);
    this.code = code;
    this.operation = operation;
    this.detail = detail;
    this.retransmits = retransmits;
  }
}
