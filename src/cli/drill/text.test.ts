import assert from "node:assert/strict";
import { test } from "node:test";
import { SCENARIOS, type ScenarioResult } from "../../../lab/index.ts";
import { noPaint } from "../output.ts";
import type { Shown } from "./document.ts";
import { comparisonText, liveLine } from "./text.ts";

const scenario = SCENARIOS.find(({ id }) => id === "A1")!;

const sample: Shown["sample"] = {
  ...{ at: 0, atMs: 3500, established: 487, attackers: 437, honest: 50, worst: 437, halfOpen: 0, leaked: 0 },
  ...{ descriptors: 500, passiveOpens: 500, bans: null, caps: null },
};
const report: Shown["report"] = {
  ...{ calls: 17, answered: 17, failed: 0, latencyMs: { p50: 1, p95: 2, max: 5 } },
  ...{ heldOpen: 50, heldCut: 0, heldUnanswered: 0 },
};

const without: ScenarioResult = {
  ...{
    id: "A1",
    protected: false,
    strict: false,
    scale: 10,
    samples: [],
    reports: [],
    slots: 974,
    slotsMax: 1256,
  },
  ...{ exhaustedMs: 8486, callsTotal: 110, callsAnswered: 72, callsFailed: 38, latencyMs: report.latencyMs },
  ...{
    held: 50,
    heldOpen: 50,
    heldCut: 0,
    heldUnanswered: 0,
    attackerHeldMax: 1200,
    attackerHeldAtEnd: 1200,
  },
  ...{ worstSourceMax: 1200, attackOpened: 1200, halfOpenMax: 0, leakedMax: 0, openedPerSecond: 60 },
  ...{ passedAtMs: 890, msToFirstBan: null, msToFreed: null, bannedSources: null, cappedSources: null },
  ...{
    honestRefused: [],
    msToRefusingAgain: null,
    vanishedLeft: 0,
    verdict: null,
    secondCaller: 3,
    protector: null,
  },
};
const whole: ScenarioResult = {
  ...without,
  ...{ protected: true, slotsMax: 104, exhaustedMs: 0, callsTotal: 30, callsAnswered: 30, callsFailed: 0 },
  ...{
    attackerHeldMax: 54,
    attackerHeldAtEnd: 0,
    msToFirstBan: 80,
    msToFreed: 180,
    bannedSources: ["10.0.0.1"],
  },
  ...{ cappedSources: [], secondCaller: 0 },
};

test("a line shows the slots taken, the attacker's share of them, and the callers", () => {
  const line = liveLine(
    { scenario, half: "unprotected", sample, report },
    { paint: noPaint, unicode: false },
  );
  assert.equal(
    line,
    "without   3.5 s  ###############...............   487 of 974  attacker   437  calls 17 answered",
  );
});

test("a line tells of failed calls and of bans", () => {
  const shown = { scenario, half: "protected", sample: { ...sample, bans: 1, caps: 0 } } as const;
  const line = liveLine({ ...shown, report: { ...report, failed: 2 } }, { paint: noPaint, unicode: true });
  assert.match(line, /^with {6}3\.5 s {2}█{15}░{15} .* calls 17 answered, 2 failed {2}1 banned$/);
});

test("the halves stand side by side", () => {
  const lines = comparisonText(scenario, { unprotected: without, protected: whole }, noPaint);
  assert.deepEqual(lines, [
    "",
    "                              WITHOUT        WITH",
    "slots taken at most        974 of 974  104 of 974",
    "slots full for                  8.5 s           -",
    "honest calls answered       72 of 110    30 of 30",
    "slowest answer                   5 ms        5 ms",
    "honest connections cut              0           0",
    "attacker held at most            1200          54",
    "attacker holds at the end        1200           0",
    "time to ban                     never       80 ms",
    "time to free                    never      180 ms",
  ]);
});

test("a broken expectation of the protected half is told", () => {
  const broken = { ...whole, heldCut: 3, heldOpen: 47 };
  const text = comparisonText(scenario, { protected: broken }, noPaint).join("\n");
  assert.match(text, /These must hold and did not:\n {2}no honest connection is cut: 3 cut, 47 of 50 stand$/);
});
