// A reload: every setting that the schema calls live is in force after it, every other is told, and a wrong file changes
// nothing.

import assert from "node:assert/strict";
import dgram from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { configPlaces, readConfigText, settingExplanations } from "../config/index.ts";
import type { GuardSettings } from "../guard/index.ts";
import { formatNetwork, type ListenerPolicy, parseNetwork } from "../model/index.ts";
import { type ReloadParts, reloadConfiguration } from "./reload.ts";
import { DaemonService } from "./service/service.ts";
import { NOW, startCore, type TestCore } from "./testing/core.ts";

const DAY = 86_400_000;

const BASE = {
  mode: "enforce",
  http: { listen: "127.0.0.1:9475" },
  listeners: [{ name: "sip", ports: [5060] }],
  allow: [{ source: "192.0.2.0/24" }],
  monitors: [{ name: "pbx", target: "sip:127.0.0.1:9;transport=udp", every: "24h", timeout: "1s" }],
};

/** The configuration with one value replaced. `listeners[].limits.holdFor` is that of the first listener. */
function withValue(key: string, value: unknown): object {
  const changed = structuredClone(BASE) as Record<string, unknown>;
  const parts = key.replaceAll("[]", ".0").split(".");
  const last = parts.pop()!;
  let at = changed;
  for (const part of parts) {
    at[part] ??= {};
    at = at[part] as Record<string, unknown>;
  }
  at[last] = value;
  return changed;
}

type InForce = (daemon: TestCore) => unknown;

const guard =
  (read: (settings: GuardSettings) => unknown): InForce =>
  ({ guards }) =>
    read(guards.settings);
const policy = (read: (policy: ListenerPolicy) => unknown): InForce =>
  guard(({ policies }) => read(policies![0]!));
const monitor = ({ core }: TestCore) => core.monitors.statuses()[0]!;

/** Each setting with a value other than its default, where that value shows when in force, and as what. */
const LIVE: Readonly<Record<string, readonly [value: unknown, inForce: InForce, is: unknown]>> = {
  mode: ["observe", guard(({ backend }) => backend), "observe"],
  "sources.ipv4Prefix": [24, guard(({ prefixes }) => prefixes.ipv4), 24],
  "sources.ipv6Prefix": [56, guard(({ prefixes }) => prefixes.ipv6), 56],
  "listeners[].name": ["phones", policy(({ name }) => name), "phones"],
  "listeners[].ports": [[5062], policy(({ selector }) => selector.ports), [5062]],
  "listeners[].process": ["kamailio", policy(({ selector }) => selector.process), "kamailio"],
  "listeners[].address": [
    "198.51.100.1",
    policy(({ selector }) => formatNetwork(selector.address!)),
    "198.51.100.1",
  ],
  "listeners[].tlsPorts": [[5060], policy(({ tlsPorts }) => tlsPorts), [5060]],
  "listeners[].profile": ["mqtt", policy(({ profile }) => profile.name), "mqtt"],
  "listeners[].slots": [2048, policy(({ slots }) => slots), 2048],
  "listeners[].limits.unprovenPerSource": [40, policy(({ limits }) => limits.unprovenPerSource), 40],
  "listeners[].limits.unprovenPerNetwork": [90, policy(({ limits }) => limits.unprovenPerNetwork), 90],
  "listeners[].limits.speakWithin": ["7s", policy(({ profile }) => profile.speakWithinMs), 7000],
  "listeners[].limits.silentFor": ["20s", policy(({ profile }) => profile.silentForMs), 20_000],
  "listeners[].limits.stalledFor": ["20s", policy(({ profile }) => profile.stalledForMs), 20_000],
  "listeners[].limits.holdFor": ["5m", policy(({ profile }) => profile.holdForMs), 300_000],
  "listeners[].limits.connectionsPerSource": [60, policy(({ limits }) => limits.connectionsPerSource), 60],
  "listeners[].limits.newPerSource": [
    "128 per 10m",
    policy(({ limits }) => limits.newPerSource),
    { count: 128, perMs: 600_000 },
  ],
  "listeners[].pressure.tight": [0.6, policy(({ pressure }) => pressure.tight), 0.6],
  "listeners[].pressure.critical": [0.8, policy(({ pressure }) => pressure.critical), 0.8],
  "listeners[].evictLeaked": [true, policy(({ evictLeaked }) => evictLeaked), true],
  "allow[].source": [
    "198.51.100.0/24",
    guard(({ allow }) => allow.map(({ network }) => formatNetwork(network))),
    ["198.51.100.0/24"],
  ],
  "allow[].reason": ["trunk", guard(({ allow }) => allow[0]!.reason), "trunk"],
  "allow[].connectionsPerSource": [500, guard(({ allow }) => allow[0]!.connectionsPerSource), 500],
  "ban.first": ["5m", guard(({ terms }) => terms.firstMs), 300_000],
  "ban.factor": [3, guard(({ terms }) => terms.factor), 3],
  "ban.max": ["2d", guard(({ terms }) => terms.maxMs), 2 * DAY],
  "ban.action": ["reject", guard(({ action }) => action), "reject"],
  "enforce.backend": ["ipset", guard(({ backend }) => backend), "ipset"],
  "enforce.fence": [false, guard(({ fence }) => fence), false],
  "enforce.evictPerSecond": [500, guard(({ evictPerSecond }) => evictPerSecond), 500],
  "enforce.onStop": ["keep", keptAtStop, true],
  "scan.every": ["10s", guard(({ everyMs }) => everyMs), 10_000],
  "scan.cpuBudget": ["1%", guard(({ cpuBudget }) => cpuBudget), 0.01],
  "retention.ledger": ["30d", findingsKept, ["20 days old"]],
  // Nothing keeps a history yet, and the checks say so.
  "retention.history": ["30d", ({ core }) => core.config.retention.historyMs, 30 * DAY],
  "monitors[].name": ["trunk", (daemon) => monitor(daemon).name, "trunk"],
  "monitors[].target": [
    "sip:127.0.0.1:10;transport=udp",
    (daemon) => monitor(daemon).target,
    "sip:127.0.0.1:10;transport=udp",
  ],
  "monitors[].every": ["1s", probesSoon, "refused"],
  // A test of its own, below, covers how long a probe takes.
  "monitors[].timeout": ["2s", ({ core }) => core.config.monitors[0]!.timeoutMs, 2000],
  "monitors[].listener": ["sip", (daemon) => monitor(daemon).listener, "sip"],
};

async function keptAtStop({ core, guards }: TestCore): Promise<boolean | null> {
  await core.stop();
  return guards.kept;
}

/** The findings that outlive a pruning, of two. By the default both do. */
function findingsKept({ core, ledger }: TestCore): string[] {
  for (const days of [60, 20])
    ledger.addFindings([{ ...FINDING, text: `${days} days old` }], NOW - days * DAY);
  core.ledger.prune();
  return ledger.findings({ since: 0, limit: 10 }).map(({ text }) => text);
}

const FINDING = {
  rule: "overdue" as const,
  severity: "notice" as const,
  listener: null,
  source: null,
  numbers: {},
};

/** The first probe comes within an interval. */
async function probesSoon(daemon: TestCore): Promise<string | null> {
  await waitFor(() => monitor(daemon).lastProbeAt !== null);
  return monitor(daemon).outcome;
}

async function waitFor(isSo: () => boolean): Promise<void> {
  for (let i = 0; i < 500 && !isSo(); i++) await setTimeout(20);
  assert.ok(isSo());
}

const healthCodes = ({ core }: TestCore): string[] => core.health.items().map(({ code }) => code);

test("every setting that the schema calls live is tried here", () => {
  const live = settingExplanations().flatMap(({ key, reload }) => (reload === "live" ? [key] : []));
  assert.deepEqual(Object.keys(LIVE).sort(), live.sort());
});

for (const [key, [value, inForce, is]] of Object.entries(LIVE)) {
  test(`a reload puts ${key} in force`, async (t) => {
    const daemon = await startCore(t, BASE);
    assert.deepEqual(await daemon.reload(withValue(key, value)), { schema: 1, ok: true, errors: [] });
    assert.deepEqual(healthCodes(daemon), []);
    assert.match(daemon.told.at(-1)!.text, /^configuration read again by the test; changed: /);
    assert.deepEqual(await inForce(daemon), is);
  });
}

test("a reload gives the probes of a monitor their new deadline", async (t) => {
  const server = dgram.createSocket("udp4");
  t.after(() => server.close());
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  const base = { name: "pbx", target: `sip:127.0.0.1:${server.address().port};transport=udp`, every: "1s" };
  const daemon = await startCore(t, { ...BASE, monitors: [] });
  await daemon.reload({ ...BASE, monitors: [{ ...base, timeout: "100ms" }] });
  assert.deepEqual(
    daemon.core.monitors.statuses().map(({ name, state }) => [name, state]),
    [["pbx", null]],
  );
  await waitFor(() => monitor(daemon).lastProbeAt !== null);
  assert.equal(monitor(daemon).outcome, "no-response");
  assert.ok(monitor(daemon).totalMs! < 1000, `${monitor(daemon).totalMs} ms`);
});

test("everything is in force before anybody is told, so that nothing waits for an event", async () => {
  const loaded = readConfigText(JSON.stringify(BASE), "a.yaml", configPlaces(0, {}));
  assert.ok(loaded.ok);
  const { config } = loaded;
  const done: string[] = [];
  const parts: ReloadParts = {
    load: () => loaded,
    started: config,
    current: () => config,
    use: async ({ monitors }) => void done.push(`use ${monitors[0]!.name}`),
    report: ({ code }) => void done.push(`report ${code}`),
    tell: () => void done.push("tell"),
  };
  await reloadConfiguration(parts, "the test");
  assert.deepEqual(done, ["use pbx", "report configuration", "report restart-needed", "tell"]);
});

test("a reload that comes before the monitors start is not undone by their start", async (t) => {
  const daemon = await startCore(t, BASE);
  await daemon.reload({ ...BASE, monitors: [{ ...BASE.monitors[0]!, target: "sip:127.0.0.1:10" }] });
  daemon.core.startMonitors();
  assert.equal(monitor(daemon).target, "sip:127.0.0.1:10");
});

test("monitors whose target cannot be asked stay as they were, and are a health item", async (t) => {
  const daemon = await startCore(t, BASE);
  await daemon.reload(withValue("monitors[].target", "sip:[::1"));
  assert.deepEqual(healthCodes(daemon), ["monitors"]);
  assert.equal(monitor(daemon).target, "sip:127.0.0.1:9;transport=udp");
  await daemon.reload(BASE);
  assert.deepEqual(healthCodes(daemon), []);
});

for (const [key, value, told] of [
  ["stateDir", "/nowhere/state", "stateDir"],
  ["socket", "/nowhere/s", "socket"],
  ["http.listen", "127.0.0.1:9476", "http.listen"],
  ["http.tokenFile", "/nowhere/token", "http.tokenFile"],
  ["listeners[].netns", "blue", "listeners[sip].netns"],
] as const) {
  test(`a reload says that a change of ${key} waits for a restart, until it is taken back`, async (t) => {
    const daemon = await startCore(t, BASE);
    for (const _ of ["first", "again"]) {
      assert.equal((await daemon.reload(withValue(key, value))).ok, true);
      const [item, ...others] = daemon.core.health.items();
      assert.deepEqual(others, []);
      assert.equal(item?.text, `a restart is needed to apply: ${told}`);
    }
    await daemon.reload(BASE);
    assert.deepEqual(healthCodes(daemon), []);
  });
}

test("every setting that takes a restart is tried here", () => {
  const restart = settingExplanations().flatMap(({ key, reload }) => (reload === "restart" ? [key] : []));
  assert.deepEqual(restart, ["stateDir", "socket", "http.listen", "http.tokenFile", "listeners[].netns"]);
});

test("a wrong file changes nothing, and is a health item until it is right", async (t) => {
  const daemon = await startCore(t, BASE);
  const before = daemon.guards.settings;
  const { ok, errors } = await daemon.reload(withValue("ban.first", "soon"));
  assert.deepEqual([ok, errors[0]?.key], [false, "ban.first"]);
  assert.equal(daemon.guards.settings, before);
  assert.equal(daemon.core.config.ban.firstMs, 600_000);
  assert.deepEqual(healthCodes(daemon), ["configuration"]);
  await daemon.reload(BASE);
  assert.deepEqual(healthCodes(daemon), []);
  assert.match(daemon.told.at(-1)!.text, /; nothing has changed$/);
});

test("after a change from observe to enforce the ledger's bans stand, and none of observe's", async (t) => {
  const daemon = await startCore(t, BASE);
  const service = new DaemonService(daemon.core);
  const order = { sources: [parseNetwork("192.0.2.77")!], termMs: 60_000, reason: null, listener: null };
  await daemon.reload({ ...BASE, allow: [] });
  await service.ban(order, { uid: 0, pid: 1 });
  await daemon.reload({ ...BASE, allow: [], mode: "observe" });
  assert.deepEqual(daemon.guards.bansHeld, []);
  await service.ban({ ...order, sources: [parseNetwork("192.0.2.78")!] }, { uid: 0, pid: 1 });
  await daemon.reload({ ...BASE, allow: [] });
  assert.deepEqual(
    daemon.guards.bansHeld.map(({ source }) => formatNetwork(source)),
    ["192.0.2.77"],
  );
});
