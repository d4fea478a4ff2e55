import assert from "node:assert/strict";
import { test } from "node:test";
import { ScanTimer } from "./scan-timer.ts";
import type { TrackedCensus } from "./tracked-census.ts";

/** Nothing asks for a scan but the settings. */
const nextScan = {
  opens: Number.POSITIVE_INFINITY,
  at: Number.POSITIVE_INFINITY,
  aging: { opens: Number.POSITIVE_INFINITY, afterMs: 0 },
};
const SETTINGS = { everyMs: 5000, cpuBudget: 0.05 };

test("evictions are verified at once, but a trickle of them does not scan all the time", () => {
  using scanTimer = new ScanTimer();
  const scans: number[] = [];
  let verifyAtMs = Number.POSITIVE_INFINITY;
  for (let nowMs = 0; nowMs <= 10_000; nowMs += 20) {
    if (!scanTimer.isDue(nowMs, SETTINGS, verifyAtMs)) continue;
    scans.push(nowMs);
    const census = { takenAt: nowMs, listeners: [] } as Partial<TrackedCensus> as TrackedCensus;
    scanTimer.scanned({ census, nextScan, pressure: "calm", costMs: 50, opens: 1 });
    // Every scan finds something to evict.
    verifyAtMs = nowMs + 50;
  }
  assert.equal(scans[0], 0);
  assert.equal(scans[1], 60, "50 ms later, at the next reading of the triggers");
  assert.ok(scans.length <= 2 + 2 * 10, `${scans.length} scans of 50 ms in 10 s`);
});

test("the eviction of a scan that cost much is verified at once, too", () => {
  using scanTimer = new ScanTimer();
  const scans: number[] = [];
  let verifyAtMs = Number.POSITIVE_INFINITY;
  for (let nowMs = 0; nowMs <= 11_000; nowMs += 20) {
    if (!scanTimer.isDue(nowMs, SETTINGS, verifyAtMs)) continue;
    scans.push(nowMs);
    const census = { takenAt: nowMs, listeners: [] } as Partial<TrackedCensus> as TrackedCensus;
    scanTimer.scanned({ census, nextScan, pressure: "calm", costMs: 100, opens: 1 });
    // The scan after five quiet seconds is the first that evicts.
    verifyAtMs = scans.length === 2 ? nowMs + 50 : Number.POSITIVE_INFINITY;
  }
  assert.deepEqual(scans.slice(0, 3), [0, 5000, 5060], "a rest of 100 ms / 5 % would be 2 s");
});
