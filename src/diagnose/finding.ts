// A cause as a rule states it: how sure, by which numbers, and what to do.

import type { Cause, Severity } from "../model/index.ts";

/** Begins an advice that is a command to run: it is shown on a line of its own. */
export const COMMAND_MARK = "$ ";

/** What a rule says. */
export interface Claim {
  readonly cause: Cause;
  /** That this is why descriptors run out, or would. */
  readonly confidence: number;
  /** Completes the sentence that begins with the owner and its descriptors. */
  readonly headline: string;
  /** What it is in a few words, and what it is not. */
  readonly gist: string;
  readonly evidence: readonly string[];
  readonly advice: readonly string[];
}

export interface RankedCause extends Claim {
  /** Null for the machine as a whole. */
  readonly listener: string | null;
  readonly severity: Severity;
}

/** The share of what is held that makes a cause weigh fully. */
const FULL_WEIGHT_SHARE = 0.3;
const WEIGHT_MIN = 0.4;

/**
 * How sure a rule is, from how certain the nature of what it saw is and which share of the connections (or slots) it
 * saw it in: a certain leak of three connections is no reason why a thousand descriptors run out.
 */
export function confidenceOf(certainty: number, share: number): number {
  const weight = clamp(share / FULL_WEIGHT_SHARE);
  return clamp(certainty * (WEIGHT_MIN + (1 - WEIGHT_MIN) * weight));
}

/** Into 0..1; what is no number is 0. */
export function clamp(value: number): number {
  return value > 0 ? Math.min(1, value) : 0;
}
