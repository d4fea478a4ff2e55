import assert from "node:assert/strict";
import { test } from "node:test";
import type { WatchCensus } from "../../census/index.ts";
import { Lookout } from "./lookout.ts";

const SETTINGS = { everyMs: 5000, cpuBudget: 0.05 };

test("evictions are verified at once, but a trickle of them does not look all the time", () => {
  using lookout = new Lookout();
  const nextLook = {
    opens: Number.POSITIVE_INFINITY,
    at: Number.POSITIVE_INFINITY,
    aging: { opens: Number.POSITIVE_INFINITY, afterMs: 0 },
  };
  const looks: number[] = [];
  let verifyAtMs = Number.POSITIVE_INFINITY;
  for (let nowMs = 0; nowMs <= 10_000; nowMs += 20) {
    if (!lookout.isDue(nowMs, SETTINGS, verifyAtMs)) continue;
    looks.push(nowMs);
    const census = { takenAt: nowMs, listeners: [] } as Partial<WatchCensus> as WatchCensus;
    lookout.looked({ census, nextLook, pressure: "calm", costMs: 50, opens: 1 });
    // Every look finds something to evict.
    verifyAtMs = nowMs + 50;
  }
  assert.equal(looks[0], 0);
  assert.equal(looks[1], 60, "50 ms later, at the next reading of the signals");
  assert.ok(looks.length <= 2 + 2 * 10, `${looks.length} looks of 50 ms in 10 s`);
});
