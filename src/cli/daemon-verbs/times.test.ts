import assert from "node:assert/strict";
import { test } from "node:test";
import { ago, ahead, spanText, utcText } from "./times.ts";

test("times are said from now, and never negative", () => {
  const now = Date.parse("2026-11-22T15:04:05Z");
  assert.equal(ahead("2026-11-22T15:13:45Z", now), "in 9m 40s");
  assert.equal(ahead("2026-11-22T15:04:05Z", now), "over");
  assert.equal(ago("2026-11-22T14:52:05Z", now), "12m ago");
  assert.equal(ago("2026-11-22T15:04:06Z", now), "now");
  assert.equal(spanText(90_061_000), "1d 1h");
  assert.equal(utcText("2026-11-22T16:04:05.123+01:00"), "2026-11-22 15:04:05Z");
  assert.equal(utcText("soon"), "soon");
});
