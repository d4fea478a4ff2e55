import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatDuration, parseDuration } from "./duration.ts";

for (const [text, ms] of [
  ["250ms", 250],
  ["30s", 30_000],
  ["1.5s", 1500],
  ["10m", 600_000],
  ["1h30m", 5_400_000],
  ["2d", 172_800_000],
  ["1w", 604_800_000],
] as const) {
  test(`${text} is ${ms} ms`, () => assert.equal(parseDuration(text), ms));
}

for (const text of ["", "30", "s", "-1s", "1 s", "1y", "1e3s", `${"9".repeat(400)}d`]) {
  test(`"${text.slice(0, 20)}" is no duration`, () => assert.equal(parseDuration(text), null));
}

test("formatDuration() writes what parseDuration() reads, to the two largest units", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (ms) => {
      const back = parseDuration(formatDuration(ms));
      assert.ok(
        back !== null && Math.abs(back - ms) <= Math.max(500, ms / 24),
        `${ms} -> ${formatDuration(ms)}`,
      );
    }),
  );
  assert.equal(formatDuration(3_661_000), "1h1m");
  assert.equal(formatDuration(3_601_000), "1h");
});
