// The faults of messages: each malformed message has one of these codes and the position where the fault shows.

export const FAULT_CODES = [
  "empty",
  "no-blank-line",
  "headers-too-long",
  "too-many-headers",
  "body-too-long",
  "body-too-short",
  "bad-start-line",
  "bad-version",
  "bad-status-code",
  "bad-method",
  "bad-request-uri",
  "bad-header-line",
  "bare-cr",
  "bad-content-length",
  "conflicting-content-length",
  "no-content-length",
  "bad-cseq",
  "bad-via",
  "bad-address",
  "bad-uri",
  "bad-number",
  "bad-list",
  "bad-quoted-string",
  "bad-parameter",
  "bad-challenge",
  "missing-header",
  "repeated-header",
] as const;

export type FaultCode = (typeof FAULT_CODES)[number];

/** Bytes that are no message. `position` counts from their start; inside a folded value, from the value's start. */
export interface Malformed {
  readonly kind: "malformed";
  readonly code: FaultCode;
  readonly position: number;
}

/** The readers of this room throw it; the functions at the room's door turn it into `Malformed`. */
export class MessageFault extends Error {
  readonly code: FaultCode;
  readonly position: number;

  constructor(code: FaultCode, position: number) {
    super(`read message: ${code} at byte ${position}`);
    this.name = "MessageFault";
    this.code = code;
    this.position = position;
  }
}

/** Runs a reader and returns what it read, or the fault it met. Any other error is a mistake in the reader and goes on. */
export function readOrFault<T>(read: () => T): T | Malformed {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof MessageFault)) throw error;
    return { kind: "malformed", code: error.code, position: error.position };
  }
}
