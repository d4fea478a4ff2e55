// The ipset backend and its sets, in memory.

import assert from "node:assert/strict";
import { test } from "node:test";
import { openIpset } from "./ipset.ts";
import { FakeIpset } from "./testing/fake-ipset.ts";
import { banText, fakeBan, fakeListener, fakeSpec, NOW, TERM_MS } from "./testing/values.ts";

function opened(listeners = [fakeListener("sip")]) {
  const ipset = new FakeIpset();
  const backend = openIpset(ipset.parts);
  backend.setUp(fakeSpec({ listeners }));
  return { ipset, backend };
}

test("the sets are made before the rules that use them, and then the rules are seen", () => {
  const { ipset } = opened();
  assert.equal(ipset.kernel.size, 8);
  assert.deepEqual(ipset.log, ["rules", "seen"]);
});

test("a set that no listener has goes only after its rules; others' sets stay", () => {
  const { ipset, backend } = opened([fakeListener("sip"), fakeListener("web")]);
  ipset.kernel.set("others", new Map());
  ipset.log.length = 0;
  backend.setUp(fakeSpec({ listeners: [fakeListener("sip")] }));
  const gone = ["ban4", "ban6", "cap4", "cap6"].map((name) => `destroy sw-${name}-web`);
  assert.deepEqual(ipset.log, ["rules", ...gone, "seen"]);
  assert.ok(ipset.kernel.has("others"));
});

test("one set holds every prefix length, in whole seconds, rounded up", () => {
  const { ipset, backend } = opened();
  const bans = [
    fakeBan("192.0.2.1", { until: NOW + 1500 }),
    fakeBan("10.0.0.0/9"),
    fakeBan("2001:db8::/33", { kind: "cap", listener: "sip" }),
  ];
  assert.deepEqual(backend.add(bans, NOW), { done: 3, failed: [] });
  assert.equal(ipset.kernel.get("sw-ban4-all")!.size, 2);
  assert.deepEqual(
    backend.list().map((ban) => [banText(ban), ban.remainingMs, ban.packets]),
    [
      ["ban 192.0.2.1 *", 2000, 0],
      ["ban 10.0.0.0/9 *", TERM_MS, 0],
      ["cap 2001:db8::/33 sip", TERM_MS, 0],
    ],
  );
});

test("a ban longer than the kernel can hold gets the longest timeout", () => {
  const { backend } = opened();
  backend.add([fakeBan("192.0.2.1", { until: NOW + 100 * 86_400_000 })], NOW);
  assert.equal(backend.list()[0]!.remainingMs, 2_147_000_000);
});

test("a ban that is over is left out, and a ban that nobody can hold is told", () => {
  const { backend } = opened();
  const bans = [fakeBan("192.0.2.1", { until: NOW - 1 }), fakeBan("192.0.2.2", { listener: "nobody" })];
  const { done, failed } = backend.add(bans, NOW);
  assert.deepEqual([done, failed.length, backend.list().length], [1, 1, 0]);
});

test("removing takes away bans that stand, and is no error for others", () => {
  const { backend } = opened();
  backend.add([fakeBan("192.0.2.1"), fakeBan("192.0.2.2")], NOW);
  const gone = [fakeBan("192.0.2.1"), fakeBan("192.0.2.9"), fakeBan("192.0.2.0/30")];
  assert.deepEqual(backend.remove(gone), { done: 3, failed: [] });
  assert.deepEqual(backend.list().map(banText), ["ban 192.0.2.2 *"]);
});

test("a set that is gone fails its bans with words", () => {
  const { ipset, backend } = opened();
  ipset.kernel.delete("sw-ban4-all");
  const { done, failed } = backend.add([fakeBan("192.0.2.1"), fakeBan("2001:db8::/64")], NOW);
  assert.equal(done, 1);
  assert.match(failed[0]!.error.message, /192\.0\.2\.1: the set is not there/);
});

test("a set of another kind in its place is made anew with its elements, and our rules go first", () => {
  const ipset = new FakeIpset();
  const held = { address: Uint8Array.of(192, 0, 2, 1), length: 32, timeoutSeconds: 0, packets: 9 };
  const foreign = { address: new Uint8Array(16), length: 64, timeoutSeconds: 5, packets: 0 };
  ipset.kernel.set(
    "sw-ban4-all",
    new Map([
      ["a", held],
      ["b", foreign],
    ]),
  );
  ipset.otherKind.add("sw-ban4-all");
  const backend = openIpset(ipset.parts);
  backend.setUp(fakeSpec());
  assert.deepEqual(ipset.log.slice(0, 3), ["clear raw 4", "clear filter 4", "destroy sw-ban4-all"]);
  const [ban, ...others] = backend.list();
  assert.equal(banText(ban!), "ban 192.0.2.1 *");
  assert.equal(ban!.remainingMs, 2_147_000_000, "one without an end gets one");
  assert.deepEqual(others, []);
});

test("a set that somebody else's rule uses cannot go, and the error says how to find the rule", () => {
  const { ipset, backend } = opened([fakeListener("sip"), fakeListener("web")]);
  ipset.used.add("sw-ban4-web");
  assert.throws(
    () => backend.setUp(fakeSpec({ listeners: [fakeListener("sip")] })),
    /sw-ban4-web is still used .* iptables-save/,
  );
});

test("disturbed() tells once of a set that is gone or flushed, and of changed rules", () => {
  const { ipset, backend } = opened();
  backend.add([fakeBan("192.0.2.1")], NOW);
  assert.equal(backend.disturbed(), false);
  ipset.kernel.get("sw-ban4-all")!.clear();
  assert.deepEqual([backend.disturbed(), backend.disturbed()], [true, false]);
  ipset.kernel.delete("sw-cap6-sip");
  assert.equal(backend.disturbed(), true);
  ipset.kernel.set("sw-cap6-sip", new Map());
  ipset.rulesDisturbed = true;
  assert.equal(backend.disturbed(), true);
});

test("a set that we emptied, or whose bans are about to end, does not count as flushed", () => {
  const { ipset, backend } = opened();
  backend.add([fakeBan("192.0.2.1")], NOW);
  backend.remove([fakeBan("192.0.2.1")]);
  assert.equal(backend.disturbed(), false);
  backend.add([fakeBan("192.0.2.2", { until: NOW + 1000 })], NOW);
  ipset.kernel.get("sw-ban4-all")!.clear();
  assert.equal(backend.disturbed(), false);
});

test("tearing down takes the rules first and then every set of ours", () => {
  const { ipset, backend } = opened();
  ipset.kernel.set("others", new Map());
  ipset.log.length = 0;
  backend.tearDown();
  assert.equal(ipset.log[0], "clear all");
  assert.deepEqual([...ipset.kernel.keys()], ["others"]);
  assert.deepEqual(backend.list(), []);
  assert.throws(() => backend.add([fakeBan("192.0.2.1")], NOW), /before setUp/);
  backend[Symbol.dispose]();
  assert.deepEqual(ipset.log.slice(-2), ["dispose socket", "dispose iptables"]);
});
