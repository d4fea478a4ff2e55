// Tells which response codes count as up, and what a code means.
//
// By default a final answer proves that the server lives (RFC 3261 section 11): 2xx, 3xx, 4xx and 6xx are up, a relayed
// 408 and 5xx are degraded. `--expect 200,4xx,!404` replaces this: the codes it names are up, all others down.

import type { Outcome } from "./outcome.ts";

export interface CodeExpectation {
  readonly accepted: readonly CodePattern[];
  readonly refused: readonly CodePattern[];
}

/** `404`, or `4` for all of 4xx. */
interface CodePattern {
  readonly from: number;
  readonly to: number;
}

export const EXPECT_FORM = "codes and classes with commas, such as 200,4xx,!404";

/** Reads `200,2xx,!503`; null for any other text. Exclusions alone accept every other code. */
export function parseExpectation(text: string): CodeExpectation | null {
  const accepted: CodePattern[] = [];
  const refused: CodePattern[] = [];
  for (const item of text.split(",")) {
    const match = /^(!?)([1-6])(\d\d|xx)$/i.exec(item.trim());
    if (match === null || match[2] === "1") return null;
    const first = Number(match[2]) * 100;
    const code = first + Number(match[3]);
    const pattern = Number.isNaN(code) ? { from: first, to: first + 99 } : { from: code, to: code };
    (match[1] === "!" ? refused : accepted).push(pattern);
  }
  return { accepted: accepted.length > 0 ? accepted : [{ from: 200, to: 699 }], refused };
}

/** The outcome that a final response code means. */
export function outcomeOfCode(code: number, expectation: CodeExpectation | null): Outcome {
  if (expectation !== null) {
    const matches = (patterns: readonly CodePattern[]) =>
      patterns.some((p) => code >= p.from && code <= p.to);
    const expected = matches(expectation.accepted) && !matches(expectation.refused);
    return expected ? "answered" : "unexpected-code";
  }
  if (code === 503) return "unavailable";
  if (code === 408) return "relayed-timeout";
  if (code >= 500 && code < 600) return "server-error";
  return code >= 300 && code < 400 ? "redirect" : "answered";
}
