import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { bootEnd, type Instant, remainingMs, shiftTerm } from "./ban-clock.ts";

const TERM = { since: 1_000_000, until: 1_600_000 };
const MADE: Instant = { wallMs: 1_000_000, bootId: "a", bootMs: 5000 };
const kept = { ...TERM, bootId: "a", untilBootMs: bootEnd(TERM.until, MADE) };

describe("remainingMs()", () => {
  const cases: readonly [string, Instant, number][] = [
    ["the term when it begins", MADE, 600_000],
    ["what is left later in the same boot", { wallMs: 1_200_000, bootId: "a", bootMs: 205_000 }, 400_000],
    [
      "the same where the clock was set back by a year",
      { wallMs: -3e10, bootId: "a", bootMs: 205_000 },
      400_000,
    ],
    ["the same where it was set forward", { wallMs: 9e12, bootId: "a", bootMs: 205_000 }, 400_000],
    ["nothing once the boot clock says so", { wallMs: 1_000_000, bootId: "a", bootMs: 605_000 }, 0],
    ["what the wall clock says after a reboot", { wallMs: 1_500_000, bootId: "b", bootMs: 10 }, 100_000],
    ["nothing after a reboot that took longer", { wallMs: 1_700_000, bootId: "b", bootMs: 10 }, 0],
    ["never more than the term, after a reboot into 1970", { wallMs: 0, bootId: "b", bootMs: 10 }, 600_000],
    [
      "never more than the term, with an uptime of a container's",
      { wallMs: 1_500_000, bootId: "a", bootMs: 1 },
      600_000,
    ],
    [
      "what the wall clock says where there is no boot clock",
      { wallMs: 1_100_000, bootId: null, bootMs: null },
      500_000,
    ],
  ];
  for (const [what, now, left] of cases) test(what, () => assert.equal(remainingMs(kept, now), left));

  test("is never negative and never more than the term, whatever the clocks", () => {
    const clock = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(clock, clock, fc.constantFrom("a", "b", null), (wallMs, bootMs, bootId) => {
        const left = remainingMs(kept, { wallMs, bootId, bootMs });
        assert.ok(left >= 0 && left <= 600_000);
      }),
    );
  });
});

describe("shiftTerm()", () => {
  test("leaves a term alone if the clocks agree", () => {
    assert.equal(shiftTerm(TERM, 400_000, 1_200_500), TERM);
  });

  test("moves a term as a whole if the wall clock was set", () => {
    assert.deepEqual(shiftTerm(TERM, 400_000, 9_200_000), { since: 9_000_000, until: 9_600_000 });
  });

  test("leaves a term without end alone", () => {
    const forever = { since: 0, until: Number.POSITIVE_INFINITY };
    assert.equal(shiftTerm(forever, Number.POSITIVE_INFINITY, 5), forever);
  });
});
