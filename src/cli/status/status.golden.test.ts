// The output of `status` for people and monitoring.

import assert from "node:assert/strict";
import { test } from "node:test";
import type { MonitorStatus } from "../../client/index.ts";
import { at, attacked, calm, NOW } from "../daemon-verbs/testing/documents.ts";
import { noPaint } from "../output.ts";
import { assertGolden } from "../testing/golden.ts";
import { statusFailsOn, statusReport } from "./nagios.ts";
import { statusText } from "./text.ts";

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);

test("status shows a daemon under attack", () => {
  assertGolden(statusText(attacked, NOW, noPaint), fixture("status.txt"));
});

test("status shows a daemon that only observes, and guards nothing yet", () => {
  assertGolden(statusText(calm, NOW, noPaint), fixture("status-calm.txt"));
});

test("status shows every monitor with its state, a healthy one, too", () => {
  const pbx: MonitorStatus = {
    name: "pbx",
    target: "sip:192.0.2.10;transport=tcp",
    listener: "sip",
    state: "up",
    since: at(-3600),
    lastProbeAt: at(-12),
    outcome: "answered",
    text: "it answered",
    totalMs: 1.24,
    availability: 0.9972,
    certificateExpiresAt: null,
  };
  const unknown = { state: null, since: null, lastProbeAt: null, outcome: null, text: null, totalMs: null };
  const monitors = [
    pbx,
    {
      ...pbx,
      name: "trunk",
      state: "down" as const,
      outcome: "no-response",
      totalMs: 5000,
      availability: 0.5,
    },
    { ...pbx, ...unknown, name: "new", availability: null },
  ];
  assertGolden(statusText({ ...calm, monitors }, NOW, noPaint), fixture("status-monitors.txt"));
});

test("status --nagios says how bad it is, in one line with performance data", () => {
  const tight = { ...attacked, listeners: attacked.listeners.slice(2), health: attacked.health.slice(0, 1) };
  const all = [calm, tight, attacked];
  assertGolden(all.map((document) => statusReport(document).line).join("\n"), fixture("status-nagios.txt"));
  assert.deepEqual(
    all.map((document) => statusReport(document).code),
    [0, 1, 2],
  );
});

test("status --fail-on counts pressure and health alike", () => {
  assert.deepEqual(
    (["notice", "warning", "critical"] as const).map((severity) => statusFailsOn(attacked, severity)),
    [true, true, true],
  );
  const notice = { ...calm, health: attacked.health.slice(0, 1) };
  assert.deepEqual([statusFailsOn(notice, "notice"), statusFailsOn(notice, "warning")], [true, false]);
  assert.equal(statusFailsOn(calm, "notice"), false);
});
