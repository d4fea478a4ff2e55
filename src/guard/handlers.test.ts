// The operator's requests to a guard, on fake parts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatNetwork, parseNetwork } from "../model/index.ts";
import { fakeBan, LIMIT, START, World } from "./fakes.ts";
import type { EvictedOf } from "./requests.ts";

const network = (text: string) => parseNetwork(text)!;

const told = (evicted: readonly EvictedOf[]): string[] =>
  evicted.map(({ source, evicted: count }) => `${formatNetwork(source)} ${count}`);

test("ban: refuses the source first, then evicts what it holds, and tells how many that were", () => {
  const world = new World();
  world.held.set("203.0.113.9", 5).set("203.0.113.10", 7);
  world.run(0);
  world.calls.length = 0;
  const bans = [fakeBan("203.0.113.9"), fakeBan("203.0.113.10", { kind: "cap" })];
  assert.deepEqual(told(world.guard.ask("ban", { bans })), ["203.0.113.9 5"], "a cap lets them live");
  assert.deepEqual(
    world.names().filter((name) => /^(add|scan|evict)/.test(name)),
    ["add 203.0.113.9,203.0.113.10", "scan", "evict 203.0.113.9,203.0.113.10"],
  );
  assert.equal(world.guard.state.bans.size, 2);
});

test("ban: counts the connections of a network's sources, each at its ban's listener", () => {
  const world = new World();
  world.held.set("203.0.113.9", 5).set("203.0.113.10", 7).set("198.51.100.1", 2);
  world.run(0);
  const bans = [
    fakeBan("203.0.113.9", { listener: "sip" }),
    fakeBan("203.0.113.10", { listener: "sip" }),
    fakeBan("203.0.113.0/24", { listener: "sip" }),
  ];
  assert.deepEqual(told(world.guard.ask("ban", { bans })), [
    "203.0.113.9 5",
    "203.0.113.10 7",
    "203.0.113.0/24 12",
  ]);
  assert.deepEqual([...world.held.keys()], ["198.51.100.1"]);
});

test("ban: counts neither other evictions of the same scan nor those of an earlier one", () => {
  const world = new World({ listeners: ["sip", "web"] });
  const countOf = (source: string, listener: string | null): string[] =>
    told(world.guard.ask("ban", { bans: [fakeBan(source, { listener })] }));
  world.run(0);
  world.held.set("203.0.113.9", 5);
  assert.deepEqual(countOf("203.0.113.9", "web"), ["203.0.113.9 0"], "they were at another listener");
  world.held.set("203.0.113.9", 5);
  assert.deepEqual(countOf("203.0.113.9", null), ["203.0.113.9 5"]);
  assert.deepEqual(countOf("203.0.113.9", null), ["203.0.113.9 0"], "nothing is left");
  world.held.set("198.51.100.1", LIMIT + 1);
  assert.deepEqual(countOf("198.51.100.0/24", null), ["198.51.100.0/24 0"], "another rule evicted them");
});

test("ban: of one address inside a wider source evicts that address by itself", () => {
  const world = new World({ settings: { prefixes: { ipv4: 24, ipv6: 64 } } });
  world.held.set("2001:db8::7", 4);
  world.run(0);
  world.calls.length = 0;
  const [one] = world.guard.ask("ban", { bans: [fakeBan("2001:db8::7", { rule: "operator" })] });
  assert.equal(formatNetwork(one!.source), "2001:db8::7");
  assert.equal(
    world.names().filter((name) => name === "evict 2001:db8::7").length,
    2,
    "by the rule, and by itself",
  );
});

test("ban: of a listener that another guard has does nothing here", () => {
  const world = new World({ listeners: ["sip", "web"] });
  world.run(0);
  world.calls.length = 0;
  assert.deepEqual(world.guard.ask("ban", { bans: [fakeBan("203.0.113.9", { listener: "mqtt" })] }), []);
  assert.deepEqual(world.calls, []);
  assert.equal(world.guard.ask("ban", { bans: [fakeBan("203.0.113.9", { listener: "web" })] }).length, 1);
});

test("ban: a refusal of the kernel is thrown, and the ban is not remembered", () => {
  const world = new World();
  world.run(0);
  world.broken.set("add", new Error("no room"));
  assert.throws(() => world.guard.ask("ban", { bans: [fakeBan("203.0.113.9")] }), /no room/);
  assert.equal(world.guard.state.bans.size, 0);
});

test("unban: lifts all bans, or those of a source for any listener and kind, and answers with them", () => {
  const bans = [
    fakeBan("203.0.113.9"),
    fakeBan("203.0.113.9", { kind: "cap", listener: "sip" }),
    fakeBan("203.0.113.0/24"),
  ];
  const world = new World({ remembered: { bans } });
  const sources = [network("203.0.113.9"), network("192.0.2.1")];
  assert.deepEqual(world.guard.ask("unban", { sources }), bans.slice(0, 2));
  assert.equal(world.guard.state.bans.size, 1);
  assert.deepEqual(world.guard.ask("unban", { sources: "all" }), bans.slice(2));
  assert.deepEqual(world.guard.ask("unban", { sources: "all" }), []);
});

test("unban: a ban that the kernel keeps is still known", () => {
  const world = new World({ remembered: { bans: [fakeBan("203.0.113.9")] } });
  world.broken.set("remove", new Error("not now"));
  assert.throws(() => world.guard.ask("unban", { sources: "all" }), /not now/);
  assert.equal(world.guard.state.bans.size, 1);
});

test("evict: scans first, takes all that the source holds now, and bans nobody", () => {
  const world = new World();
  world.run(0);
  world.held.set("203.0.113.9", 9);
  world.calls.length = 0;
  assert.equal(world.guard.ask("evict", { source: network("203.0.113.9"), listener: null }), 9);
  assert.ok(world.names().indexOf("scan") < world.names().indexOf("evict 203.0.113.9"));
  assert.equal(world.guard.state.bans.size, 0);
  assert.equal(world.guard.ask("evict", { source: network("203.0.113.9"), listener: "sip" }), 0);
});

test("evict: in observe counts and destroys nothing", () => {
  const world = new World({ settings: { backend: "observe" } });
  world.held.set("203.0.113.9", 9);
  assert.equal(world.guard.ask("evict", { source: network("203.0.113.9"), listener: null }), 9);
  assert.equal(world.held.get("203.0.113.9"), 9);
});

test("evict and explain: a failed scan is told to the one who asked", () => {
  const world = new World();
  world.broken.set("scan", new Error("no kernel"));
  const source = network("203.0.113.9");
  assert.throws(() => world.guard.ask("evict", { source, listener: null }), /no kernel/);
  assert.throws(() => world.guard.ask("explain", { source }), /no kernel/);
});

test("explain: tells the source's connections, its standings, and what the rules say", () => {
  const standing = {
    listener: "sip",
    source: "203.0.113.9",
    expected: 3,
    firstSeen: START,
    lastSeen: START,
  };
  const world = new World();
  const others = { ...standing, source: "203.0.113.10" };
  world.guard.state = {
    ...world.guard.state,
    standings: new Map([
      ["a", standing],
      ["b", others],
    ]),
  };
  world.held.set("203.0.113.9", 4);
  const { connections, standings, matches } = world.guard.ask("explain", { source: network("203.0.113.9") });
  assert.deepEqual(
    connections.map(({ listener, connections: count, proofs }) => [listener, count, proofs.silent]),
    [["sip", 4, 4]],
  );
  assert.deepEqual(standings, [standing]);
  assert.deepEqual(matches, [{ rule: "overdue", would: "do nothing", because: "203.0.113.9" }]);
  assert.deepEqual(world.guard.ask("standings", null), [standing, others]);
});

test("census: nothing before the first scan, then the listeners as of the last one", () => {
  const world = new World({ listeners: ["sip", "web"] });
  assert.deepEqual(world.guard.ask("census", { top: 3 }), { takenAt: null, listeners: [] });
  world.held.set("203.0.113.9", 4);
  world.run(0);
  const { takenAt, listeners } = world.guard.ask("census", { top: 3 });
  assert.equal(takenAt, START);
  assert.deepEqual(
    listeners.map(({ name, connections }) => [name, connections]),
    [
      ["sip", 4],
      ["web", 0],
    ],
  );
});

test("bans: those that are not over, with the packets that the kernel counted", () => {
  const bans = [fakeBan("203.0.113.9"), fakeBan("203.0.113.10"), fakeBan("203.0.113.11", { until: START })];
  const world = new World({ remembered: { bans } });
  world.kernel.set("a", bans[0]!);
  assert.deepEqual(world.guard.ask("bans", null), [
    { ban: bans[0], packets: 3 },
    { ban: bans[1], packets: null },
  ]);
});

test("protected, alive: answered as they are", () => {
  const world = new World();
  assert.deepEqual(world.guard.ask("protected", null).map(formatNetwork), ["192.0.2.254"]);
  assert.equal(world.guard.ask("alive", null), null);
});

test("stop: takes the rules away, or keeps them to their timeouts", () => {
  const world = new World();
  world.held.set("203.0.113.9", LIMIT + 1);
  world.run(0);
  assert.equal(world.guard.ask("stop", { keep: true }), null);
  assert.equal(world.kernel.size, 1);
  assert.equal(world.guard.ask("stop", { keep: false }), null);
  assert.equal(world.kernel.size, 0);
});
