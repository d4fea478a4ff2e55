// Schedule, hysteresis and history of monitors. There is no clock: every time is given.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type HistoryEntry, MonitorHistory } from "./monitor-history.ts";
import { firstProbeAt, nextProbeAt } from "./monitor-schedule.ts";
import { DEFAULT_HYSTERESIS, type MonitorState, stepMonitor, UNKNOWN_MONITOR } from "./monitor-state.ts";
import { DEGRADED_OUTCOMES, DOWN_OUTCOMES, type State, UP_OUTCOMES } from "./outcome.ts";

const schedule = { intervalMs: 10_000, jitter: 0.1 };
const fraction = fc.double({ min: 0, max: 0.999999, noNaN: true });

test("the first probe is anywhere in the first interval, the next ones on the beat give or take the jitter", () => {
  fc.assert(
    fc.property(fraction, fc.array(fraction, { maxLength: 20 }), (first, randoms) => {
      let due = firstProbeAt(schedule, 1000, first);
      assert.ok(due >= 1000 && due < 11_000);
      for (const random of randoms) {
        const next = nextProbeAt(schedule, due, due + 50, random);
        assert.ok(next - due >= 8999 && next - due <= 11_001, `${next - due}`);
        due = next;
      }
    }),
  );
});

test("a monitor leaves out the beats it slept through, and no probe is due in the past", () => {
  assert.equal(nextProbeAt(schedule, 0, 35_000, 0.5), 40_000);
  fc.assert(
    fc.property(fc.nat(1e9), fc.nat(1e9), fraction, (last, slept, random) => {
      const now = last + slept;
      const next = nextProbeAt(schedule, last, now, random);
      assert.ok(next >= now && next <= now + 11_001);
    }),
  );
});

test("monitors that start together do not knock together", () => {
  const dues = Array.from({ length: 1000 }, (_, i) => firstProbeAt(schedule, 0, i / 1000));
  const perSecond = Array.from(
    { length: 10 },
    (_, s) => dues.filter((d) => d >= s * 1000 && d < (s + 1) * 1000).length,
  );
  assert.ok(
    perSecond.every((count) => count === 100),
    perSecond.join(" "),
  );
});

const STATES: Readonly<Record<string, State>> = { u: "up", g: "degraded", d: "down" };
/** Feeds u, g and d, and returns the state after each as the same letters. */
function play(said: string): string {
  let monitor: MonitorState = UNKNOWN_MONITOR;
  return [...said]
    .map((letter, i) => {
      monitor = stepMonitor(monitor, STATES[letter]!, i, DEFAULT_HYSTERESIS).next;
      return { up: "u", degraded: "g", down: "d" }[monitor.state!];
    })
    .join("");
}

for (const [name, said, states] of [
  ["one lost probe changes nothing", "uuduuu", "uuuuuu"],
  ["three of five take it down", "uudududd", "uuuuuudd"],
  ["three in a row take it down", "uuddd", "uuuud"],
  ["degraded ones count as at least degraded", "uudgd", "uuuug"],
  ["one answer is no recovery", "ddudd", "ddddd"],
  ["two answers are", "dduud", "ddduu"],
  ["two degraded ones lead from down to degraded", "ddgguu", "dddggu"],
  ["the first probe decides at once", "d", "d"],
] as const) {
  test(`hysteresis: ${name} (${said} is ${states})`, () => assert.equal(play(said), states));
}

test("a change is told once, with the state that was left and its time", () => {
  let monitor = UNKNOWN_MONITOR;
  const changes: string[] = [];
  for (const [i, said] of (["up", "down", "down", "down", "down", "up", "up"] as const).entries()) {
    const step = stepMonitor(monitor, said, i * 10, DEFAULT_HYSTERESIS);
    monitor = step.next;
    if (step.changedFrom !== null)
      changes.push(`${step.changedFrom} to ${monitor.state} at ${monitor.since}`);
  }
  assert.deepEqual(changes, ["up to down at 30", "down to up at 60"]);
});

test("a monitor keeps no more than its window, and is never better than all of its last probes", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom<State>("up", "degraded", "down")), (said) => {
      let monitor = UNKNOWN_MONITOR;
      for (const [i, state] of said.entries())
        monitor = stepMonitor(monitor, state, i, DEFAULT_HYSTERESIS).next;
      assert.ok(monitor.recent.length <= 5);
      if (said.length >= 5 && said.slice(-5).every((state) => state === "down"))
        assert.equal(monitor.state, "down");
      if (said.length >= 5 && said.slice(-5).every((state) => state === "up"))
        assert.equal(monitor.state, "up");
    }),
  );
});

const outcomes = fc.constantFrom(...UP_OUTCOMES, ...DEGRADED_OUTCOMES, ...DOWN_OUTCOMES);
const entries: fc.Arbitrary<HistoryEntry> = fc
  .tuple(fc.nat(1e12), outcomes, fc.option(fc.nat(60_000)))
  .map(([at, outcome, totalMs]) => ({ at, outcome, totalMs }));

test("MonitorHistory keeps the latest in order, whatever is added", () => {
  fc.assert(
    fc.property(fc.array(entries, { maxLength: 30 }), fc.integer({ min: 1, max: 10 }), (added, size) => {
      const history = new MonitorHistory(size);
      for (const entry of added) history.add(entry);
      assert.deepEqual([...history.entries()], added.slice(-size));
      assert.equal(history.length, Math.min(size, added.length));
    }),
  );
});

test("availability() counts the probes since then that found clients served", () => {
  const history = new MonitorHistory(10);
  for (const [at, outcome] of [
    [1, "refused"],
    [2, "answered"],
    [3, "unavailable"],
    [4, "no-response"],
  ] as const)
    history.add({ at, outcome, totalMs: null });
  assert.equal(history.availability(0), 0.5);
  assert.equal(history.availability(2), 2 / 3);
  assert.equal(history.availability(9), null);
});
