import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { outcomeOfCode, parseExpectation } from "./expect.ts";
import { DEGRADED_OUTCOMES, DOWN_OUTCOMES, isAnswer, stateOf, UP_OUTCOMES } from "./outcome.ts";
import { outcomeWords } from "./words.ts";

for (const [code, state] of [
  [200, "up"],
  [302, "up"],
  [401, "up"],
  [404, "up"],
  [407, "up"],
  [408, "degraded"],
  [483, "up"],
  [500, "degraded"],
  [503, "degraded"],
  [603, "up"],
] as const) {
  test(`by default ${code} is ${state}`, () => assert.equal(stateOf(outcomeOfCode(code, null)), state));
}

for (const [text, code, outcome] of [
  ["200", 200, "answered"],
  ["200", 404, "unexpected-code"],
  ["200,4xx,!404", 404, "unexpected-code"],
  ["200, 4XX ,!404", 486, "answered"],
  ["503", 503, "answered"],
  ["!503", 503, "unexpected-code"],
  ["!503", 404, "answered"],
] as const) {
  test(`--expect ${text}: ${code} is ${outcome}`, () => {
    assert.equal(outcomeOfCode(code, parseExpectation(text)), outcome);
  });
}

for (const text of ["", "20", "2000", "100", "1xx", "7xx", "200,", "!!200", "2x0", "ok"]) {
  test(`--expect "${text}" is refused`, () => assert.equal(parseExpectation(text), null));
}

test("any text is an expectation or none, and every code then has an outcome", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(..."0123456789xX!, ") }),
      fc.integer({ min: 200, max: 699 }),
      (text, code) => {
        const expectation = parseExpectation(text);
        if (expectation !== null)
          assert.ok(["answered", "unexpected-code"].includes(outcomeOfCode(code, expectation)));
      },
    ),
  );
});

test("every outcome has a state and words; what is wrong has a cause and a next step", () => {
  for (const outcome of [...UP_OUTCOMES, ...DEGRADED_OUTCOMES, ...DOWN_OUTCOMES]) {
    const { text, cause, next } = outcomeWords(outcome);
    assert.ok(text.length > 0);
    if (stateOf(outcome) !== "up") assert.ok(cause.length > 0 && next.length > 0, outcome);
    if (stateOf(outcome) !== "down") assert.ok(isAnswer(outcome));
  }
});
