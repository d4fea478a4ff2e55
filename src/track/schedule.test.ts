import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  decideScan,
  followExhaustion,
  housekeepingMs,
  type LastScan,
  NOT_EXHAUSTED,
  opensUntilScarce,
  type ScanDecision,
  settleScan,
  TRIGGERS_EVERY_MS,
  type TriggersNow,
} from "./schedule.ts";
import { defaultPolicy } from "./selected-listeners.ts";
import type { TrackedListener } from "./tracked-census.ts";

const SETTINGS = { everyMs: 5000, cpuBudget: 0.05 };
/** A scan that took 10 ms, of connections that are far from every limit. */
const LAST: LastScan = {
  beganMs: 1000,
  scanMs: 10,
  opens: 500,
  opensLeft: 16,
  opensUntilScarce: 1000,
  dueMs: Number.POSITIVE_INFINITY,
  pressure: "calm",
  exhausted: false,
};

interface Case {
  readonly last?: Partial<LastScan>;
  /** Since the last scan began. */
  readonly afterMs: number;
  readonly opened?: number;
  readonly now?: Partial<TriggersNow>;
  readonly decision: ScanDecision;
}

const scan = (because: Extract<ScanDecision, { scan: true }>["because"]): ScanDecision => ({
  scan: true,
  because,
});
const wait = (againInMs: number): ScanDecision => ({ scan: false, againInMs });
const NEVER = Number.POSITIVE_INFINITY;

const CASES: readonly (readonly [title: string, what: Case])[] = [
  ["waits a tick while the counter counts", { afterMs: 300, opened: 15, decision: wait(TRIGGERS_EVERY_MS) }],
  ["scans when a limit can have been passed", { afterMs: 300, opened: 16, decision: scan("opens") }],
  ["keeps to the budget in calm", { afterMs: 199, opened: 16, decision: wait(1) }],
  ["scans at the budget's end", { afterMs: 200, opened: 16, decision: scan("opens") }],
  [
    "forgets the budget when slots can be scarce",
    { last: { opensUntilScarce: 16 }, afterMs: 20, opened: 16, decision: scan("opens") },
  ],
  [
    "forgets the budget under pressure",
    { last: { pressure: "tight" }, afterMs: 20, opened: 16, decision: scan("opens") },
  ],
  [
    "rests for two scans under pressure",
    { last: { pressure: "critical" }, afterMs: 19, opened: 16, decision: wait(1) },
  ],
  [
    "does not scan under pressure when nothing can have changed",
    { last: { pressure: "critical" }, afterMs: 300, opened: 15, decision: wait(TRIGGERS_EVERY_MS) },
  ],
  ["scans when time is up", { last: { dueMs: 1400 }, afterMs: 400, decision: scan("time") }],
  [
    "asks again when time is up, if that is sooner",
    { last: { dueMs: 1305 }, afterMs: 300, decision: wait(5) },
  ],
  [
    "waits for time alone where no number of opens matters",
    {
      last: { opensLeft: NEVER, opensUntilScarce: NEVER, dueMs: 1900 },
      afterMs: 300,
      opened: 9999,
      decision: wait(600),
    },
  ],
  ["keeps house", { last: { opensLeft: NEVER }, afterMs: 5000, decision: scan("housekeeping") }],
  [
    "stretches housekeeping for dear scans",
    {
      last: { opensLeft: NEVER, opensUntilScarce: NEVER, scanMs: 125 },
      afterMs: 5000,
      decision: wait(20_000),
    },
  ],
  [
    "does not stretch it under pressure",
    {
      last: { opensLeft: NEVER, scanMs: 200, pressure: "tight" },
      afterMs: 5000,
      decision: scan("housekeeping"),
    },
  ],
  [
    "does not stretch it where the counter cannot be read",
    {
      last: { opens: null, scanMs: 200 },
      now: { opens: null },
      afterMs: 5000,
      decision: scan("housekeeping"),
    },
  ],
  [
    "scans when the server is exhausted",
    { afterMs: 200, now: { exhausted: true }, decision: scan("exhausted") },
  ],
  [
    "does not scan again because it still is",
    { last: { exhausted: true }, afterMs: 300, now: { exhausted: true }, decision: wait(TRIGGERS_EVERY_MS) },
  ],
  [
    "rests at most a second for a server that is exhausted again and again",
    { last: { scanMs: 200 }, afterMs: 1000, now: { exhausted: true }, decision: scan("exhausted") },
  ],
  ["scans when the counter has started anew", { afterMs: 300, now: { opens: 3 }, decision: scan("opens") }],
  [
    "never lets a tiny budget outlast housekeeping",
    { last: { scanMs: 400, opens: 0 }, afterMs: 60_000, opened: 16, decision: scan("opens") },
  ],
];

for (const [title, { last, afterMs, opened = 0, now, decision }] of CASES) {
  test(`the schedule ${title}`, () => {
    const settings = title.includes("tiny") ? { ...SETTINGS, cpuBudget: 0.0001 } : SETTINGS;
    const before = { ...LAST, ...last };
    const triggers = {
      nowMs: before.beganMs + afterMs,
      opens: (before.opens ?? 0) + opened,
      exhausted: false,
      ...now,
    };
    assert.deepEqual(decideScan(before, triggers, settings), decision);
  });
}

test("the first scan is due at once", () => {
  assert.deepEqual(decideScan(null, { nowMs: 0, opens: null, exhausted: false }, SETTINGS), scan("first"));
});

test("housekeeping in calm takes less than 0.5 % of a core, up to a minute's distance", () => {
  for (const scanMs of [1, 10, 24, 26, 150, 300]) {
    const share = scanMs / housekeepingMs({ scanMs, pressure: "calm", opens: 0 }, SETTINGS);
    assert.ok(share <= 0.0050001, `${scanMs} ms: ${share}`);
  }
  assert.equal(housekeepingMs({ scanMs: 2000, pressure: "calm", opens: 0 }, SETTINGS), 60_000);
  assert.equal(
    housekeepingMs({ scanMs: 1, pressure: "calm", opens: 0 }, { ...SETTINGS, everyMs: 90_000 }),
    90_000,
  );
});

test("the counter is read the less often the more may open", () => {
  const again = (opensLeft: number, opened = 0): number => {
    const decision = decideScan(
      { ...LAST, opens: 0, opensLeft, opensUntilScarce: NEVER },
      { nowMs: LAST.beganMs + 300, opens: opened, exhausted: false },
      SETTINGS,
    );
    assert.ok(!decision.scan);
    return decision.againInMs;
  };
  assert.deepEqual(
    [10, 1000, 2500, 5000].map((left) => again(left)),
    [20, 20, 50, 100],
  );
  assert.equal(again(5000, 3000), 40, "what has opened already is not left any more");
});

test("a queue that stands in two readings is exhaustion, one that is not asked for changes nothing", () => {
  const readings = [3, 0, 1, null, 2, null, 0].map((queued) => ({ queued, descriptorsLeft: 5 }));
  let state = NOT_EXHAUSTED;
  const seen = readings.map((reading) => {
    state = followExhaustion(state, reading);
    return state.exhausted;
  });
  assert.deepEqual(seen, [false, false, false, false, true, true, false]);
  assert.ok(followExhaustion(NOT_EXHAUSTED, { queued: 0, descriptorsLeft: 0 }).exhausted);
  assert.ok(!followExhaustion(NOT_EXHAUSTED, { queued: 0, descriptorsLeft: null }).exhausted);
});

test("slots are scarce after as many opens as the closest listener has left, by connections or descriptors", () => {
  const policy = defaultPolicy({ name: "test", port: 1 });
  const listener = (slots: number | null, used: number, fdUsed: number | null): TrackedListener =>
    ({ policy, slots, used, owner: { pid: 1, name: null, fdUsed, fdLimit: 1000 } }) as TrackedListener;
  assert.equal(opensUntilScarce({ listeners: [] }), NEVER);
  assert.equal(opensUntilScarce({ listeners: [listener(null, 5, null)] }), NEVER);
  assert.equal(opensUntilScarce({ listeners: [listener(100, 20, null), listener(100, 40, null)] }), 30);
  assert.equal(opensUntilScarce({ listeners: [listener(100, 20, 680)] }), 20);
  assert.equal(opensUntilScarce({ listeners: [listener(100, 90, 0)] }), 0);
});

test("what a scan settles is told by its own monotonic clock, with the highest pressure of all listeners", () => {
  const begun = { beganMs: 7000, opens: 12, exhausted: false };
  const census = { takenAt: 1_700_000_000_000, scanMs: 9, listeners: [] };
  const next = { opens: 5, at: 1_700_000_000_250 };
  const expected = {
    ...LAST,
    beganMs: 7000,
    scanMs: 9,
    opens: 12,
    opensLeft: 5,
    opensUntilScarce: NEVER,
    dueMs: 7250,
  };
  assert.deepEqual(settleScan(begun, census, next, ["calm", "tight", "calm"]), {
    ...expected,
    pressure: "tight",
  });
  assert.deepEqual(settleScan(begun, census, next, []), { ...expected, pressure: "calm" });
});

// Goal: between two scans no source passes its limit by more than what opens in one tick, or while scans rest. Way: sources
// open connections at any times; ticks come late by any jitter; a scan sees what has opened when it begins, takes its
// time, and cuts every source that is above the limit. The schedule knows only the counter and the smallest headroom.
test("no source passes its limit by more than opens in a tick and a rest, whatever opens when", () => {
  const opening = fc.record({
    afterMs: fc.integer({ min: 0, max: 40 }),
    source: fc.nat(5),
    burst: fc.integer({ min: 1, max: 8 }),
  });
  const world = fc.record({
    openings: fc.array(opening, { minLength: 1, maxLength: 400 }),
    jitters: fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 20 }),
    scanMs: fc.integer({ min: 1, max: 50 }),
    limit: fc.integer({ min: 1, max: 30 }),
    pressed: fc.boolean(),
  });
  fc.assert(
    fc.property(world, ({ openings, jitters, scanMs, limit, pressed }) => {
      const restMs = pressed ? 2 * scanMs : scanMs / SETTINGS.cpuBudget;
      const blindMs = Math.max(
        TRIGGERS_EVERY_MS + Math.max(...jitters) + scanMs,
        restMs + TRIGGERS_EVERY_MS + Math.max(...jitters),
      );
      let atMs = 0;
      const events = openings.map(({ afterMs, source, burst }) => {
        atMs += afterMs;
        return { atMs, source, burst };
      });
      const held = new Array<number>(6).fill(0);
      let opens = 0;
      let next = 0;
      let last: LastScan | null = null;
      for (let nowMs = 0, tick = 0; nowMs <= atMs + 10_000; tick++) {
        for (; next < events.length && events[next]!.atMs <= nowMs; next++) {
          held[events[next]!.source]! += events[next]!.burst;
          opens += events[next]!.burst;
        }
        const lately = events.filter((event) => event.atMs > nowMs - blindMs && event.atMs <= nowMs);
        const openedLately = lately.reduce((sum, { burst }) => sum + burst, 0);
        for (const count of held) {
          assert.ok(
            count - limit <= openedLately,
            `${count} held at ${nowMs} ms, ${openedLately} opened lately`,
          );
        }
        const decision: ScanDecision = decideScan(last, { nowMs, opens, exhausted: false }, SETTINGS);
        if (!decision.scan) {
          nowMs += decision.againInMs + jitters[tick % jitters.length]!;
          continue;
        }
        for (const [source, count] of held.entries()) if (count > limit) held[source] = 0;
        const opensLeft = Math.min(...held.map((count) => limit + 1 - count));
        last = {
          ...LAST,
          beganMs: nowMs,
          scanMs,
          opens,
          opensLeft,
          pressure: pressed ? "tight" : "calm",
          opensUntilScarce: NEVER,
        };
        nowMs += scanMs + jitters[tick % jitters.length]!;
      }
      assert.ok(
        held.every((count) => count <= limit),
        "in the end everybody is within the limit",
      );
    }),
    { numRuns: 150 },
  );
});
