import assert from "node:assert/strict";
import { test } from "node:test";
import { absolute, ago, ahead, span } from "./times.ts";

test("times are said from now, and never negative", () => {
  const now = Date.parse("2026-11-22T15:04:05Z");
  assert.equal(ahead("2026-11-22T15:13:45Z", now), "in 9m 40s");
  assert.equal(ahead("2026-11-22T15:04:05Z", now), "over");
  assert.equal(ago("2026-11-22T14:52:05Z", now), "12m ago");
  assert.equal(ago("2026-11-22T15:04:06Z", now), "now");
  assert.equal(span(90_061_000), "1d 1h");
  assert.equal(absolute("2026-11-22T16:04:05.123+01:00"), "2026-11-22 15:04:05Z");
  assert.equal(absolute("soon"), "soon");
});
