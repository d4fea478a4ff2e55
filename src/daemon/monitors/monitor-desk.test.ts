// A failing monitor is told of a hoard, or not, by the findings that the daemon's events carry.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Registry } from "prom-client";
import type { ListenerSeen } from "../../guard/index.ts";
import { noCounts } from "../../model/fakes.ts";
import { CONDUCTS, type ConductCounts, type Finding, PROOFS, type ProofCounts } from "../../model/index.ts";
import type { EventListener } from "../events.ts";
import type { HealthReport } from "../health.ts";
import { MonitorDesk } from "./monitor-desk.ts";

/** A listener with nothing to complain of. */
const CALM: ListenerSeen = {
  name: "sip",
  pressure: "calm",
  connections: 300,
  used: 300,
  slots: 1000,
  slotsFrom: "configured",
  slotsWhere: "slots of listener sip",
  fdUsed: 340,
  fdLimit: 4096,
  processes: 1,
  backlog: { used: 0, limit: 128 },
  conduct: noCounts(CONDUCTS) satisfies ConductCounts,
  proofs: noCounts(PROOFS) satisfies ProofCounts,
  sources: 300,
  largest: [1],
};

/** A port on which nothing answers. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

function openDesk() {
  const reports: HealthReport[] = [];
  let tell: EventListener = () => {};
  const desk = new MonitorDesk({
    events: {
      follow: (listener) => {
        tell = listener;
        return () => {};
      },
    },
    health: { report: (report) => reports.push(report) },
    seen: { listener: () => CALM, totals: () => ({ bans: 0, caps: 0 }) },
    registry: new Registry(),
    version: "test",
    now: () => 1_000_000,
  });
  return { desk, reports, tell };
}

/** The diagnosis of a failing monitor after these findings. */
async function diagnosisAfter(findings: readonly Finding[]) {
  const { desk, reports, tell } = openDesk();
  for (const finding of findings) tell({ at: "", event: "finding", text: finding.text, finding });
  desk.configure([await failing()]);
  try {
    return await troubleIn(reports);
  } finally {
    await desk.stop();
  }
}

async function failing() {
  const target = `sip:127.0.0.1:${await closedPort()};transport=tcp`;
  return { name: "pbx", target, everyMs: 20, timeoutMs: 200, listener: "sip" };
}

/** The trouble that the failing monitor tells. */
async function troubleIn(reports: readonly HealthReport[]): Promise<string> {
  for (let tries = 0; tries < 200; tries++) {
    const down = reports.find(({ code, text }) => code === "monitor-pbx" && text !== null);
    if (down !== undefined) return down.text!;
    await sleep(20);
  }
  throw new Error("the monitor said nothing");
}

const overdue = (silent: number): Finding => ({
  rule: "overdue",
  severity: "notice",
  listener: "sip",
  source: "192.0.2.66",
  text: `${silent} connections never sent a byte, 0 take no data, 0 answer nothing`,
  numbers: { silent, shut: 0, unanswered: 0, held: 300, evicted: silent },
});

test("a failing monitor is not told of a hoard for a few connections that are past their time", async () => {
  const text = await diagnosisAfter([overdue(2)]);
  assert.match(text, /nothing to see at sip on this host/);
  assert.doesNotMatch(text, /hoard/);
});

test("a failing monitor is told of a hoard where many are", async () => {
  const text = await diagnosisAfter([overdue(200)]);
  assert.match(text, /a hoard is going on at sip: 300 of 1000 slots; hoard: 192\.0\.2\.66: 200 connections/);
});

test("a failing monitor that leaves the configuration leaves no trouble behind", async () => {
  const { desk, reports } = openDesk();
  desk.configure([await failing()]);
  await troubleIn(reports);
  desk.configure([]);
  assert.deepEqual(reports.at(-1), { code: "monitor-pbx", severity: "notice", text: null });
  await desk.stop();
});

test("a reload that ends after the stop starts no monitor, which would keep the process alive", async () => {
  const { desk } = openDesk();
  const config = { name: "pbx", target: "sip:127.0.0.1:9", everyMs: 60_000, timeoutMs: 200, listener: null };
  desk.configure([config]);
  assert.equal(desk.statuses().length, 1);
  await desk.stop();
  desk.configure([config]);
  assert.deepEqual(desk.statuses(), []);
});
