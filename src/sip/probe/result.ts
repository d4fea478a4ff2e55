// The result of a probe: the nouns of this room that others see.

import type { Credentials } from "../auth/digest.ts";
import type { CodeExpectation } from "../expect.ts";
import type { Destination, LookupOptions } from "../lookup/lookup.ts";
import type { Outcome, Phase } from "../outcome.ts";
import type { TransactionTimers } from "../transaction.ts";
import type { TlsFacts } from "../transport/certificate.ts";
import type { TlsOptions } from "../transport/tls.ts";
import type { PhaseTimes } from "./phase-clock.ts";

/** CRLF is the keep-alive of RFC 5626: no request, and no code in the answer. */
export const PROBE_METHODS = ["OPTIONS", "REGISTER", "CRLF"] as const;

export type ProbeMethod = (typeof PROBE_METHODS)[number];

export interface ProbeOptions {
  readonly method: ProbeMethod;
  readonly credentials: Credentials | null;
  /** For the look-up, and again for each address that is tried. */
  readonly deadlineMs: number;
  /** An answer that took longer from the first packet on is `late`. */
  readonly lateAfterMs: number;
  readonly expectation: CodeExpectation | null;
  readonly timers: TransactionTimers;
  readonly maxForwards: number;
  readonly userAgent: string;
  readonly localAddress: string | null;
  readonly tls: TlsOptions;
  readonly lookup: LookupOptions;
  /** Leaves the binding that a REGISTER makes. */
  readonly keepBinding: boolean;
  /** The time of day in milliseconds since 1970, for when a probe was. */
  readonly wallClockMs: () => number;
}

/** One try of one address. All text from the peer is fit to be shown. */
export interface Attempt {
  readonly destination: Destination;
  /** The phase in which it ended. */
  readonly phase: Phase;
  readonly outcome: Outcome;
  /** More about the end: an error's name, a close code; often empty. */
  readonly detail: string;
  readonly code: number | null;
  readonly reason: string | null;
  readonly ms: PhaseTimes;
  readonly retransmits: number;
  readonly strays: number;
  readonly answer: AnswerFacts | null;
  readonly tls: TlsFacts | null;
}

/** The facts that a response tells besides its code. */
export interface AnswerFacts {
  readonly server: string | null;
  readonly contact: string | null;
  readonly retryAfter: string | null;
  readonly warning: string | null;
  /** Where the server saw the request come from, as `address:port`; null where no address translator changed it. */
  readonly seenAs: string | null;
  readonly authenticated: boolean;
  readonly nonceRenewed: boolean;
  /** Whether a REGISTER's binding was removed; null where there was none. */
  readonly bindingRemoved: boolean | null;
}

/** A probe of a target: the address that counts, and those tried before it in vain. */
export interface ProbeResult {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly target: string;
  readonly phase: Phase;
  readonly outcome: Outcome;
  readonly detail: string;
  readonly ms: PhaseTimes;
  /** Null where the look-up gave no address. */
  readonly attempt: Attempt | null;
  readonly failed: readonly Attempt[];
  /** The questions to the DNS and its answers. */
  readonly chain: readonly string[];
}
