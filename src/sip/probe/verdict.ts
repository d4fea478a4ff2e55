// The verdict when no final response came: what came instead, and how it ended, name the cause. Pure.

import type { Outcome } from "../outcome.ts";
import type { ChannelEvent } from "../transport/channel.ts";

export interface ProbeVerdict {
  readonly outcome: Outcome;
  readonly detail: string;
}

/** Everything heard while waiting. */
export interface Heard {
  /** Messages that were no answer to this request. */
  readonly strays: number;
  /** The last 1xx. */
  readonly provisional: number | null;
  /** The first bytes that were no message, in words. */
  readonly garbage: string | null;
  /** Whether a datagram was cut short. */
  readonly half: boolean;
}

export const NOTHING_HEARD: Heard = { strays: 0, provisional: null, garbage: null, half: false };

type Garbage = Extract<ChannelEvent, { kind: "garbage" }>;
type Closed = Extract<ChannelEvent, { kind: "closed" }>;

const ENDLESS: readonly string[] = ["headers-too-long", "too-many-headers", "body-too-long"];
const HALF: readonly string[] = ["body-too-short", "no-blank-line"];

/** Bytes that are no message. */
export function garbageVerdict({ code, position }: Garbage): ProbeVerdict {
  const outcome = ENDLESS.includes(code)
    ? "endless-response"
    : HALF.includes(code)
      ? "half-message"
      : "bad-response";
  return { outcome, detail: `${code} at byte ${position}` };
}

/** The end of the connection. `isClientCertificate` tells whether a TLS alert asks for one. */
export function closedVerdict(
  closed: Closed,
  heard: Heard,
  isClientCertificate: (code: string) => boolean,
): ProbeVerdict {
  const { how, detail, pendingBytes } = closed;
  switch (how) {
    case "refused":
    case "unreachable":
    case "reset":
      return { outcome: how, detail };
    case "ws-close":
      return { outcome: "ws-closed", detail };
    case "tls-alert":
      return { outcome: isClientCertificate(detail) ? "tls-client-certificate" : "tls-failed", detail };
    case "error":
      return { outcome: "local-error", detail };
    case "fin":
      if (pendingBytes > 0)
        return { outcome: "half-message", detail: `closed after ${pendingBytes} bytes of it` };
      return { outcome: heard.strays > 0 ? "stray-response" : "closed-early", detail: "" };
  }
}

/** Silence until the deadline. `pendingBytes` are those of a message that began. */
export function silenceVerdict(heard: Heard, pendingBytes: number): ProbeVerdict {
  const { strays, provisional, garbage, half } = heard;
  if (provisional !== null) return { outcome: "no-final-response", detail: `the last was ${provisional}` };
  if (pendingBytes > 0) return { outcome: "half-message", detail: `${pendingBytes} bytes of it came` };
  if (half) return { outcome: "half-message", detail: garbage ?? "" };
  if (garbage !== null) return { outcome: "bad-response", detail: garbage };
  if (strays > 0) return { outcome: "stray-response", detail: `${strays} of them` };
  return { outcome: "no-response", detail: "" };
}
