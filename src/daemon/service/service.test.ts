// The service's answers, over guards without threads and a real ledger.

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ServiceError } from "../../api/index.ts";
import type { News } from "../../guard/index.ts";
import { noCounts } from "../../model/fakes.ts";
import { CONDUCTS, formatNetwork, type Network, PROOFS, parseNetwork } from "../../model/index.ts";
import { startCore, type TestCore } from "../testing/core.ts";
import { DaemonService } from "./service.ts";

const ROOT = { uid: 0, pid: 1 };
const ENFORCE = { mode: "enforce", listeners: [{ name: "sip", ports: [5060] }] };
const network = (text: string): Network => parseNetwork(text)!;
const order = (...sources: string[]) => ({
  sources: sources.map(network),
  termMs: null,
  reason: null,
  listener: null,
});

async function served(
  t: TestContext,
  configuration: object = ENFORCE,
): Promise<TestCore & { readonly service: DaemonService }> {
  const test = await startCore(t, configuration);
  return { ...test, service: new DaemonService(test.core) };
}

/** A scan that saw a listener `sip`. */
function scan(): News {
  const sip = {
    name: "sip",
    pressure: "calm",
    connections: 5,
    used: 5,
    slots: 100,
    fdUsed: 10,
    fdLimit: 1024,
    processes: 1,
    backlog: null,
    conduct: noCounts(CONDUCTS),
    proofs: noCounts(PROOFS),
    sources: 1,
    largest: [5],
  };
  const scanned = { at: 0, scanMs: 1, judgeMs: 1, sockets: 5, losses: 0, listeners: [sip], bans: 0, caps: 0 };
  return { scanned, scans: 1, cpuMs: 1 } as unknown as News;
}

test("a ban has the configured first term and reason where none is given, stands in the ledger and is told", async (t) => {
  const { service, ledger, told, core } = await served(t);
  const { done, failed } = await service.ban(order("192.0.2.77"), ROOT);
  assert.deepEqual([done, failed], [[{ source: "192.0.2.77", changed: true, evicted: 3 }], []]);
  const [ban] = ledger.activeBans(core.now());
  assert.deepEqual([ban!.reason, ban!.rule, ban!.until - ban!.since], ["by hand", "operator", 600_000]);
  assert.match(told.at(-1)!.text, /^banned 192\.0\.2\.77 at every guarded listener .*, ordered by uid 0$/);
  assert.equal(told.at(-1)!.ban?.source, "192.0.2.77");
});

test("one address stands for the whole source that it belongs to, and two of one source are one ban", async (t) => {
  const { service, guards } = await served(t);
  const { done } = await service.ban(order("2001:db8::1", "2001:db8::2"), ROOT);
  assert.deepEqual(done, [{ source: "2001:db8::/64", changed: true, evicted: 3 }]);
  assert.deepEqual(
    guards.bansHeld.map(({ source }) => formatNetwork(source)),
    ["2001:db8::/64"],
  );
});

test("a source on the allowlist is not banned, and the others are", async (t) => {
  const { service } = await served(t, { ...ENFORCE, allow: [{ source: "192.0.2.0/24" }] });
  const { done, failed } = await service.ban(order("192.0.2.7", "198.51.100.7"), ROOT);
  assert.deepEqual(
    done.map(({ source }) => source),
    ["198.51.100.7"],
  );
  assert.equal(failed[0]!.source, "192.0.2.7");
  assert.match(failed[0]!.error, /^not banned: /);
});

test("a long list is told in one line", async (t) => {
  const { service, told } = await served(t);
  const many = Array.from({ length: 21 }, (_, i) => `192.0.2.${i}`);
  await service.ban({ ...order(...many), termMs: 3_600_000, reason: "a list" }, ROOT);
  assert.equal(told.length, 1);
  assert.equal(told[0]!.text, "banned 21 sources, 192.0.2.0 the first, for 1h: a list, ordered by uid 0");
});

test("in observe a ban tells what would be done, and stands nowhere", async (t) => {
  const { service, ledger, told, core } = await served(t, { ...ENFORCE, mode: "observe" });
  await service.ban(order("192.0.2.77"), ROOT);
  assert.match(told.at(-1)!.text, /^would ban 192\.0\.2\.77 /);
  assert.deepEqual(ledger.activeBans(core.now()), []);
});

test("a listener that is not there is named with those that are", async (t) => {
  const { service, core } = await served(t);
  const wrong = { ...order("192.0.2.77"), listener: "smtp" };
  await assert.rejects(service.ban(wrong, ROOT), (error) => {
    assert.ok(error instanceof ServiceError);
    const { code, field, message, accepted } = error;
    assert.deepEqual(
      [code, field, message, accepted],
      ["not-found", "listener", "no listener is called smtp", "none is there"],
    );
    return true;
  });
  core.seen.update(scan(), null);
  await assert.rejects(service.evict({ source: network("::1"), listener: "smtp" }, ROOT), {
    accepted: "sip",
  });
  await service.evict({ source: network("::1"), listener: "sip" }, ROOT);
});

test("bans are lifted by source, and each source asked for is answered", async (t) => {
  const { service, ledger, core, told } = await served(t);
  await service.ban(order("192.0.2.77"), ROOT);
  const { done } = await service.unban({ sources: ["192.0.2.77", "192.0.2.78"].map(network) }, ROOT);
  assert.deepEqual(done, [
    { source: "192.0.2.77", changed: true },
    { source: "192.0.2.78", changed: false },
  ]);
  assert.deepEqual(ledger.activeBans(core.now()), []);
  assert.equal(told.at(-1)!.text, "192.0.2.77 is free again, ordered by uid 0");
  assert.deepEqual((await service.unban({ sources: "all" }, ROOT)).done, []);
});

test("an allow entry keeps its reason when its limit alone changes, and lifts the ban of an allowed source", async (t) => {
  const { service, guards } = await served(t);
  const entry = { network: network("192.0.2.0/24"), reason: "trunk", connectionsPerSource: null };
  await service.ban(order("192.0.2.77"), ROOT);
  assert.equal((await service.allow(entry, ROOT)).done[0]!.changed, true);
  assert.deepEqual(guards.bansHeld, []);
  assert.equal((await service.allow(entry, ROOT)).done[0]!.changed, false);
  await service.allow({ ...entry, reason: null, connectionsPerSource: 500 }, ROOT);
  const { allow } = await service.allowlist();
  assert.deepEqual(
    allow.map(({ source, reason, connectionsPerSource, from }) => [
      source,
      reason,
      connectionsPerSource,
      from,
    ]),
    [["192.0.2.0/24", "trunk", 500, "operator"]],
  );
  assert.equal((await service.explain(network("192.0.2.9"))).allow?.source, "192.0.2.0/24");
});

test("nobody allows everybody by a slip, and an entry of the configuration is taken out there", async (t) => {
  const { service } = await served(t, { ...ENFORCE, allow: [{ source: "192.0.2.0/24" }] });
  for (const source of ["0.0.0.0/0", "::/0"]) {
    const entry = { network: network(source), reason: null, connectionsPerSource: null };
    const { failed } = await service.allow(entry, ROOT);
    assert.match(failed[0]!.error, /^that allows everybody/);
    assert.deepEqual((await service.allow({ ...entry, connectionsPerSource: 9 }, ROOT)).failed, []);
  }
  const { failed } = await service.disallow(network("192.0.2.0/24"), ROOT);
  assert.match(failed[0]!.error, /^it is in the configuration/);
  assert.deepEqual((await service.disallow(network("::/0"), ROOT)).done, [{ source: "::/0", changed: true }]);
});

test("an address that Sockwarden protects by itself cannot be taken off the allowlist", async (t) => {
  const { service, guards } = await served(t);
  guards.protectedNetworks = [network("192.0.2.254")];
  const { done, failed } = await service.disallow(network("192.0.2.254"), ROOT);
  assert.deepEqual([done, failed.map(({ source }) => source)], [[], ["192.0.2.254"]]);
  assert.match(failed[0]!.error, /^Sockwarden itself protects it/);
  const other = await service.disallow(network("192.0.2.1"), ROOT);
  assert.deepEqual(other.done, [{ source: "192.0.2.1", changed: false }]);
});

test("an eviction by hand is recorded where it was done, and changes nothing in observe", async (t) => {
  const { service, reload, told, ledger, core } = await served(t);
  const source = network("192.0.2.77");
  const recorded = (): number => {
    const times = { since: core.now() - 60_000, until: core.now() };
    return ledger.evictedOf({ source, listener: null, kind: "ban", ...times, reason: "", rule: "operator" });
  };
  assert.deepEqual((await service.evict({ source, listener: null }, ROOT)).done, [
    { source: "192.0.2.77", changed: true, evicted: 3 },
  ]);
  assert.equal(recorded(), 3);
  await reload({ ...ENFORCE, mode: "observe" });
  assert.equal((await service.evict({ source, listener: null }, ROOT)).done[0]!.changed, false);
  assert.equal(recorded(), 3);
  assert.equal(told.at(-1)!.text, "would evict 3 connections of 192.0.2.77, ordered by uid 0");
});

test("status shows every monitor in the order of the configuration, one that is well, too", async (t) => {
  const monitors = [
    { name: "b", target: "sip:192.0.2.10", every: "24h" },
    { name: "a", target: "sip:192.0.2.11", every: "24h", listener: "sip" },
  ];
  const { service, reload } = await served(t, { ...ENFORCE, monitors });
  const shown = () => service.status().monitors.map(({ name, listener, state }) => [name, listener, state]);
  assert.deepEqual(shown(), [
    ["b", null, null],
    ["a", "sip", null],
  ]);
  await reload({ ...ENFORCE, monitors: [{ ...monitors[0], name: "c" }, monitors[1], monitors[0]] });
  assert.deepEqual(
    shown().map(([name]) => name),
    ["c", "a", "b"],
  );
});
