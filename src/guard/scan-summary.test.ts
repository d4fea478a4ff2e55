import assert from "node:assert/strict";
import { test } from "node:test";
import type { Judgement } from "../judge/index.ts";
import type { ListenerSum, TrackedCensus, TrackedListener } from "../track/index.ts";
import { fakeBan } from "./fakes.ts";
import { summarise } from "./scan-summary.ts";

const SUM = { connections: 9, proofs: {}, sources: 2, largest: [6, 3] } as unknown as ListenerSum;

const listener = (name: string, different: Partial<TrackedListener> = {}): TrackedListener =>
  ({
    name,
    endpoints: [],
    processes: [],
    owner: null,
    used: 9,
    slots: null,
    ...different,
  }) as Partial<TrackedListener> as TrackedListener;

const endpoint = (used: number, limit: number): TrackedListener["endpoints"][number] =>
  ({ backlog: { used, limit } }) as Partial<
    TrackedListener["endpoints"][number]
  > as TrackedListener["endpoints"][number];

function summaryOf(listeners: readonly TrackedListener[]) {
  const census = {
    takenAt: 1000,
    scanMs: 4,
    sockets: 12,
    losses: { short: 2, unknown: 1 },
    listeners,
  } as unknown as TrackedCensus;
  const bans = [fakeBan("192.0.2.1"), fakeBan("192.0.2.2"), fakeBan("192.0.2.3", { kind: "cap" })];
  const judgement = {
    state: { bans: new Map(bans.map((ban, i) => [String(i), ban])) },
    pressures: new Map([["sip", "tight"]]),
    nextScan: { opens: 7, at: 2000, aging: { opens: 1, afterMs: 1 } },
  } as unknown as Judgement;
  return summarise(census, judgement, { sums: listeners.map(() => SUM), judgeMs: 0.5 });
}

test("a scan is told with its costs, losses, and the bans and caps that stand", () => {
  const { at, scanMs, judgeMs, sockets, losses, bans, caps, nextScan } = summaryOf([listener("sip")]);
  assert.deepEqual([at, scanMs, judgeMs, sockets, losses, bans, caps], [1000, 4, 0.5, 12, 3, 2, 1]);
  assert.equal(nextScan.opens, 7);
});

test("a listener is told with its sums, its owner and its pressure; calm if the judge names none", () => {
  const owner = { pid: 7, name: "kamailio", fdUsed: 40, fdLimit: 1024 } as TrackedListener["owner"];
  const { listeners } = summaryOf([
    listener("sip", { owner, slots: 900, processes: [owner!] }),
    listener("web"),
  ]);
  const [sip, web] = listeners;
  assert.deepEqual([sip!.pressure, sip!.connections, sip!.sources, sip!.largest], ["tight", 9, 2, [6, 3]]);
  assert.deepEqual([sip!.fdUsed, sip!.fdLimit, sip!.slots, sip!.processes], [40, 1024, 900, 1]);
  assert.deepEqual([web!.pressure, web!.fdUsed, web!.fdLimit, web!.slots], ["calm", null, null, null]);
});

test("the longest of several accept queues is told, with its own limit", () => {
  const endpoints = [endpoint(1, 128), endpoint(5, 16), endpoint(3, 4096)];
  const { listeners } = summaryOf([listener("sip", { endpoints }), listener("web")]);
  assert.deepEqual(listeners[0]!.backlog, { used: 5, limit: 16 });
  assert.equal(listeners[1]!.backlog, null);
});
