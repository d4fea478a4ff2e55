// The nftables backend and its table, in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { BackendError } from "./backend-error.ts";
import { openNftables } from "./nftables.ts";
import { FakeTable } from "./testing/fake-table.ts";
import { banText, fakeBan, fakeListener, fakeSpec, NOW } from "./testing/values.ts";

/** A backend as on kernels before 6.12: the table in memory is like theirs. */
function opened(options: Parameters<typeof openNftables>[0] = {}) {
  const table = new FakeTable();
  const backend = openNftables({ table, renewal: "replace", ...options });
  return { table, backend };
}

const listed = (backend: ReturnType<typeof openNftables>): string[] => backend.list().map(banText).sort();

test("bans go to the set of their kind, family, length and listener, and come back as they were", () => {
  const { table, backend } = opened();
  backend.setUp(fakeSpec());
  const bans = [
    fakeBan("192.0.2.1"),
    fakeBan("192.0.2.1", { kind: "cap", listener: "sip" }),
    fakeBan("2001:db8::/64"),
    fakeBan("198.51.100.0/24"),
  ];
  table.log.length = 0;
  assert.deepEqual(backend.add(bans, NOW), { done: 4, failed: [] });
  assert.deepEqual(table.log, ["add ban4_32_all", "add cap4_32_sip", "add ban6_64_all", "add ban4_24_all"]);
  assert.deepEqual(listed(backend), bans.map(banText).sort());
});

test("a ban that stands gets its new end: in one step if the kernel can, else by taking it out first", () => {
  const { table, backend } = opened();
  backend.setUp(fakeSpec());
  backend.add([fakeBan("192.0.2.1"), fakeBan("192.0.2.2")], NOW);
  table.log.length = 0;
  backend.add([fakeBan("192.0.2.1", { until: NOW + 5000 }), fakeBan("192.0.2.3")], NOW);
  assert.deepEqual(table.log, [
    "add ban4_32_all",
    "add ban4_32_all",
    "del+add ban4_32_all",
    "add ban4_32_all",
  ]);
  assert.equal(backend.list().find((ban) => banText(ban).includes("192.0.2.1"))!.remainingMs, 5000);
  const updating = opened({ renewal: "update" });
  updating.backend.setUp(fakeSpec());
  updating.backend.add([fakeBan("192.0.2.1")], NOW);
  updating.table.log.length = 0;
  updating.backend.add([fakeBan("192.0.2.1")], NOW);
  assert.deepEqual(updating.table.log, ["add ban4_32_all"]);
});

test("a network of a length that no ban had gets its set with its first ban", () => {
  const { table, backend } = opened();
  backend.setUp(fakeSpec());
  assert.ok(!table.kernel.has("ban4_9_sip"));
  backend.add([fakeBan("10.0.0.0/9", { listener: "sip" })], NOW);
  assert.ok(table.kernel.has("ban4_9_sip"));
  assert.ok(table.rules.get("on_sip")!.some((rule) => rule.includes("@ban4_9_sip drop")));
  backend.setUp(fakeSpec());
  assert.deepEqual(listed(backend), ["ban 10.0.0.0/9 sip"], "it is kept while it holds something");
  backend.remove([fakeBan("10.0.0.0/9", { listener: "sip" })]);
  backend.setUp(fakeSpec());
  assert.ok(!table.kernel.has("ban4_9_sip"), "an empty one goes");
});

test("removing a missing ban is no error, even without its set", () => {
  const { backend } = opened();
  backend.setUp(fakeSpec());
  backend.add([fakeBan("192.0.2.1")], NOW);
  const gone = [fakeBan("192.0.2.1"), fakeBan("192.0.2.9"), fakeBan("10.0.0.0/9")];
  assert.deepEqual(backend.remove(gone), { done: 3, failed: [] });
  assert.deepEqual(listed(backend), []);
});

test("a set that somebody took out fails its own bans, each told, and no others", () => {
  const { table, backend } = opened();
  backend.setUp(fakeSpec());
  table.kernel.delete("ban4_32_all");
  const { done, failed } = backend.add([fakeBan("192.0.2.1"), fakeBan("2001:db8::/64")], NOW);
  assert.equal(done, 1);
  assert.match(failed[0]!.error.message, /192\.0\.2\.1: the set or the element is not there/);
});

test("sets of another shape are made anew, with the bans that still fit", () => {
  const { table, backend } = opened();
  backend.setUp(fakeSpec());
  backend.add([fakeBan("192.0.2.1"), fakeBan("192.0.2.2", { listener: "sip" })], NOW);
  const before = table.kernel.get("ban4_32_all")!;
  table.kernel.set("ban4_32_all", { ...before, shape: { ...before.shape, counts: false } });
  table.kernel.set("cap6_64_all", {
    shape: { ...before.shape, name: "cap6_64_all", keyBytes: 4 },
    elements: new Map([["c0000209", { key: Uint8Array.of(192, 0, 2, 9), remainingMs: 1, packets: 0 }]]),
  });
  table.log.length = 0;
  backend.setUp(fakeSpec());
  assert.ok(table.log.includes("delete table inet sockwarden"));
  assert.deepEqual(listed(backend), ["ban 192.0.2.1 *", "ban 192.0.2.2 sip"]);
  assert.equal(table.kernel.get("ban4_32_all")!.shape.counts, true);
});

test("a refusal of nft is tried once more on a table made anew, and then thrown", () => {
  const { table, backend } = opened();
  table.refusal = new BackendError("refused", "set up nftables", "File exists");
  backend.setUp(fakeSpec());
  assert.ok(table.log.includes("delete table inet sockwarden"));
  assert.ok(table.rules.has("guard"));
});

test("without rights or without nft nothing is made anew", () => {
  for (const code of ["denied", "unavailable"] as const) {
    const { table, backend } = opened();
    table.refusal = new BackendError(code, "set up nftables", "no");
    assert.throws(
      () => backend.setUp(fakeSpec()),
      (error) => error instanceof BackendError && error.code === code,
    );
    assert.ok(!table.log.some((line) => line.startsWith("delete table")), code);
  }
});

test("set-only has sets and no rule, and leaves people's own chains and the sets that these may use", () => {
  const { table, backend } = opened({ rules: false });
  assert.equal(backend.name, "set-only");
  backend.setUp(fakeSpec({ listeners: [fakeListener("sip"), fakeListener("web", { ports: [80] })] }));
  assert.equal(table.rules.size, 0);
  table.rules.set("mine", ["ip saddr @ban4_32_web drop"]);
  backend.setUp(fakeSpec());
  assert.ok(table.kernel.has("ban4_32_web"));
  backend.add([fakeBan("192.0.2.1")], NOW);
  backend.tearDown();
  assert.deepEqual([...table.rules.keys()], ["mine"]);
  assert.equal(table.kernel.get("ban4_32_all")!.elements.size, 0);
});

test("set-only never makes a table anew if somebody has chains in it", () => {
  const { table, backend } = opened({ rules: false });
  backend.setUp(fakeSpec());
  table.rules.set("mine", []);
  const before = table.kernel.get("ban4_32_all")!;
  table.kernel.set("ban4_32_all", { ...before, shape: { ...before.shape, counts: false } });
  assert.throws(() => backend.setUp(fakeSpec()), /table inet sockwarden has sets of another shape/);
});

test("the fence has a set for each present limit, and none without rules", () => {
  const strict = { connectionsPerSource: 60, newPerSource: null };
  const fenced = fakeSpec({ listeners: [fakeListener("sip", { strict })], fence: true });
  const { table, backend } = opened();
  backend.setUp(fenced);
  assert.ok(table.kernel.has("conn4_60_sip") && table.rules.has("fence_sip"));
  const listeners = [fakeListener("sip", { strict: { ...strict, connectionsPerSource: 70 } })];
  backend.setUp({ ...fenced, listeners });
  assert.ok(table.kernel.has("conn4_70_sip") && !table.kernel.has("conn4_60_sip"));
  backend.setUp({ ...fenced, fence: false });
  assert.ok(![...table.kernel.keys()].some((name) => name.startsWith("conn")));
  assert.ok(!table.rules.has("fence"));
});

test("tearing down takes the table, and using it before it is set up is a mistake", () => {
  const { table, backend } = opened();
  assert.throws(() => backend.add([fakeBan("192.0.2.1")], NOW), /before setUp/);
  backend.setUp(fakeSpec());
  backend.tearDown();
  backend.tearDown();
  assert.equal(table.kernel.size, 0);
  assert.deepEqual(backend.list(), []);
  backend[Symbol.dispose]();
  assert.equal(table.log.at(-1), "dispose");
});
