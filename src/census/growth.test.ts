import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CONDUCTS, type ConductCounts, parseAddress } from "../model/index.ts";
import type { Census } from "./census.ts";
import { type CensusGrowth, describeSources, followGrowth, GROWTH_WINDOW_MS } from "./growth.ts";

/** Connections by source, all active, to one listener, whose owner has `elsewhere` at another. */
function census(held: Readonly<Record<string, number>>, elsewhere = 0): Census {
  const entries = Object.entries(held);
  const active = entries.reduce((sum, [, n]) => sum + n, 0);
  const conduct = Object.fromEntries(
    CONDUCTS.map((name) => [name, name === "active" ? active : 0]),
  ) as ConductCounts;
  return {
    takenAt: 0,
    scanMs: 0,
    sockets: active,
    outbound: 0,
    listeners: [
      {
        name: "sip:5060",
        endpoints: [],
        processes: [{ pid: 7, name: "sip", fdUsed: 10, fdLimit: 1024 }],
        conduct,
        used: active + elsewhere,
        slots: 100,
        slotsFrom: "program",
        slotsWhere: "max_connections in m.conf",
      },
    ],
    rows: {
      length: entries.length,
      listener: new Uint32Array(entries.length),
      source: Uint32Array.from(entries.flatMap(([text]) => [...new Uint32Array(parseAddress(text)!.buffer)])),
      counts: Uint32Array.from(
        entries.flatMap(([, n]) => CONDUCTS.map((name) => (name === "active" ? n : 0))),
      ),
    },
    prefixes: { ipv4: 32, ipv6: 64 },
    holders: null,
    hiddenProcesses: 0,
    losses: {} as Census["losses"],
    consistent: true,
  };
}

function ratesOf(growth: CensusGrowth): Record<string, number | null> {
  const all = Array.from({ length: growth.sources.length }, (_, row) => row);
  return Object.fromEntries(describeSources(growth, all).map(({ source, perSecond }) => [source, perSecond]));
}

/** Looks at the given seconds, one after another. */
function follow(scans: readonly (readonly [seconds: number, census: Census])[]): CensusGrowth {
  let growth: CensusGrowth | null = null;
  for (const [seconds, one] of scans) growth = followGrowth(growth, one, 1000 * seconds);
  return growth!;
}

describe("followGrowth()", () => {
  it("knows no rate after the first scan", () => {
    const growth = follow([[0, census({ "192.0.2.1": 5 })]]);
    assert.deepEqual(ratesOf(growth), { "192.0.2.1": null });
    assert.equal(growth.listenersPerSecond.size, 0);
  });

  it("measures over the whole window: +200 in 30 s is 6.7 a second whenever it is scanned", () => {
    const scans = Array.from(
      { length: 10 },
      (_, s) => [s, census({ "192.0.2.1": Math.round((200 * s) / 30) })] as const,
    );
    const growth = follow(scans);
    assert.ok(Math.abs(ratesOf(growth)["192.0.2.1"]! - 6.67) < 0.2);
    assert.ok(Math.abs(growth.listenersPerSecond.get("sip:5060")! - 6.67) < 0.2);
  });

  it("drops to nothing once the window has passed a burst", () => {
    const scans = Array.from(
      { length: 8 },
      (_, s) => [s, census({ "192.0.2.1": s === 0 ? 0 : 500 })] as const,
    );
    assert.equal(ratesOf(follow(scans.slice(0, 2)))["192.0.2.1"], 500);
    assert.equal(ratesOf(follow(scans.slice(0, 6)))["192.0.2.1"], 100);
    assert.equal(ratesOf(follow(scans))["192.0.2.1"], 0);
  });

  it("takes a source that was not there for one that held nothing, and forgets one that has gone", () => {
    const growth = follow([
      [0, census({ "192.0.2.1": 5, "192.0.2.2": 5 })],
      [2, census({ "192.0.2.3": 8, "192.0.2.2": 1 })],
    ]);
    assert.deepEqual(ratesOf(growth), { "192.0.2.3": 4, "192.0.2.2": -2 });
  });

  it("measures when an owner's slots are full, by all of its listeners, but not of one that is new", () => {
    const grown = follow([
      [0, census({}, 10)],
      [2, census({}, 30)],
    ]);
    const [headroom] = grown.headrooms;
    assert.deepEqual(
      [headroom!.used, headroom!.slots, headroom!.perSecond, headroom!.secondsToFull],
      [30, 100, 10, 7],
    );
    const fresh = follow([
      [0, { ...census({}), listeners: [] }],
      [2, census({ "192.0.2.1": 3 })],
    ]);
    assert.equal(fresh.headrooms[0]!.secondsToFull, null);
    assert.equal(fresh.listenersPerSecond.size, 0);
  });

  it("remembers a bounded number of scans, and the latest one however long ago", () => {
    const quick = Array.from({ length: 400 }, (_, i) => [i / 20, census({ "192.0.2.1": i })] as const);
    const growth = follow(quick);
    assert.ok(growth.past.length <= 13, String(growth.past.length));
    assert.ok(growth.atMs - growth.past[0]!.atMs >= GROWTH_WINDOW_MS - 500);
    assert.ok(Math.abs(ratesOf(growth)["192.0.2.1"]! - 20) < 1e-9);
    const slow = follow([
      [0, census({ "192.0.2.1": 0 })],
      [60, census({ "192.0.2.1": 30 })],
    ]);
    assert.equal(ratesOf(slow)["192.0.2.1"], 0.5);
  });
});
