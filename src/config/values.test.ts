// The outcome of right values: defaults, units, places.

import assert from "node:assert/strict";
import { test } from "node:test";
import { formatNetwork, isTlsPort, type ListenerPolicy } from "../model/index.ts";
import type { Config } from "./config.ts";
import { isLoopbackHost, parseListen } from "./listen.ts";
import { readConfigText } from "./load.ts";
import { editDistance, nearest } from "./near.ts";
import { configPlaces } from "./places.ts";

function config(text: string): Config {
  const loaded = readConfigText(text, "a.yaml", configPlaces(0, {}));
  assert.ok(loaded.ok, JSON.stringify(loaded));
  return loaded.config;
}

const policy = (text: string): ListenerPolicy => config(`listeners: [{ name: a, ${text} }]`).listeners![0]!;

test("a listener's first port gives its profile, and custom says which of its ports are TLS", () => {
  const { profile, tlsPorts, limits, pressure, selector } = policy("ports: [5061, 5060, 8443]");
  assert.equal(profile.name, "sip");
  assert.deepEqual(tlsPorts, [5061, 8443]);
  assert.deepEqual(limits, {
    unprovenPerSource: 20,
    unprovenPerNetwork: 60,
    connectionsPerSource: null,
    newPerSource: null,
  });
  assert.deepEqual(pressure, { tight: 0.7, critical: 0.9 });
  assert.deepEqual(selector, { ports: [5061, 5060, 8443], process: null, address: null, netns: null });
});

test("a listener known by its process alone is generic, with every customary TLS port", () => {
  const { profile, tlsPorts, selector } = policy("process: kamailio, address: 2001:db8::/48, netns: 4711");
  assert.equal(profile.name, "generic");
  assert.ok(tlsPorts.includes(5061) && tlsPorts.every(isTlsPort));
  assert.equal(selector.netns, "4711");
  assert.equal(formatNetwork(selector.address!), "2001:db8::/48");
});

test("holdFor sets the normal silence, and off leaves it alone", () => {
  const given = policy("ports: [5060], limits: { holdFor: 300s }").profile;
  assert.deepEqual([given.holdForMs, given.normalSilenceMs], [300_000, 200_000]);
  const off = policy("ports: [5060], limits: { holdFor: off, speakWithin: off }").profile;
  assert.deepEqual([off.holdForMs, off.normalSilenceMs, off.speakWithinMs], [null, 120_000, null]);
  const generic = policy("ports: [1], limits: { holdFor: 90s }").profile;
  assert.deepEqual([generic.holdForMs, generic.normalSilenceMs], [90_000, 60_000]);
});

test("a network's limit is never below that of a source", () => {
  assert.equal(policy("ports: [1], limits: { unprovenPerSource: 100 }").limits.unprovenPerNetwork, 100);
});

test("the strict limits are off, a number, or a number in a time in both its forms", () => {
  const strict = (text: string): unknown => {
    const { connectionsPerSource, newPerSource } = policy(`ports: [1], limits: { ${text} }`).limits;
    return [connectionsPerSource, newPerSource];
  };
  const rate = { count: 128, perMs: 600_000 };
  assert.deepEqual(strict("connectionsPerSource: 60, newPerSource: 128 per 10m"), [60, rate]);
  assert.deepEqual(strict("newPerSource: { count: 128, per: 10m }"), [null, rate]);
  assert.deepEqual(strict("connectionsPerSource: off, newPerSource: off"), [null, null]);
});

test("listeners apart by port, process, address or namespace are no overlap", () => {
  const { listeners } = config(
    [
      "listeners:",
      "  - { name: a, ports: [1], process: x, address: 10.0.0.1 }",
      "  - { name: b, ports: [2], process: x }",
      "  - { name: c, ports: [1], process: y }",
      "  - { name: d, ports: [1], process: x, address: 10.0.0.2 }",
      "  - { name: e, ports: [1], netns: blue }",
    ].join("\n"),
  );
  assert.equal(listeners?.length, 5);
});

test("an anchor may be used again", () => {
  const { listeners } = config(
    "listeners:\n  - { name: a, ports: [1], limits: &l { silentFor: 20s } }\n  - { name: b, ports: [2], limits: *l }\n",
  );
  assert.deepEqual(
    listeners?.map(({ profile }) => profile.silentForMs),
    [20_000, 20_000],
  );
});

test("a duration leaves as milliseconds, under a name that says so", () => {
  const { ban, scan, retention } = config("ban: { first: 5m }\nscan: { every: 10s }");
  assert.deepEqual([ban.firstMs, ban.maxMs, scan.everyMs], [300_000, 86_400_000, 10_000]);
  assert.deepEqual(Object.keys(retention), ["ledgerMs", "historyMs"]);
});

test("a percentage is a share of one core", () => {
  assert.equal(config("scan: { cpuBudget: 0.8% }").scan.cpuBudget, 0.008);
});

for (const [text, expected] of [
  ["127.0.0.1:9475", { host: "127.0.0.1", port: 9475 }],
  ["[::1]:9475", { host: "::1", port: 9475 }],
  ["localhost:1", { host: "localhost", port: 1 }],
  ["metrics.example.org:65535", { host: "metrics.example.org", port: 65535 }],
  ["300.1.1.1:80", null],
  ["[127.0.0.1]:80", null],
  ["::1:80", null],
  ["[::1]", null],
  ["localhost:65536", null],
  [":80", null],
  ["*:80", null],
  ["a b:80", null],
] as const) {
  test(`"${text}" is ${expected === null ? "no place to listen" : `port ${expected.port} of ${expected.host}`}`, () => {
    assert.deepEqual(parseListen(text), expected);
  });
}

test("loopback is 127.0.0.0/8, ::1 and localhost", () => {
  for (const host of ["127.0.0.1", "127.9.9.9", "::1", "localhost", "LOCALHOST"])
    assert.ok(isLoopbackHost(host), host);
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "example.org"]) assert.ok(!isLoopbackHost(host), host);
});

test("root has the system's folders, others those of XDG, without a session the state folder, and a relative XDG path is ignored", () => {
  assert.equal(configPlaces(0, { XDG_STATE_HOME: "/x", HOME: "/root" }).stateDir, "/var/lib/sockwarden");
  const home = { HOME: "/home/a", XDG_STATE_HOME: "state" };
  assert.deepEqual(
    configPlaces(1000, home, (folder) => folder === "/run/user/1000"),
    {
      file: "/home/a/.config/sockwarden/sockwarden.yaml",
      stateDir: "/home/a/.local/state/sockwarden",
      socket: "/run/user/1000/sockwarden/sockwarden.sock",
      tokenFile: "/home/a/.config/sockwarden/token",
    },
  );
  assert.equal(
    configPlaces(1000, home, () => false).socket,
    "/home/a/.local/state/sockwarden/sockwarden.sock",
  );
  const xdg = { XDG_CONFIG_HOME: "/c", XDG_STATE_HOME: "/s", XDG_RUNTIME_DIR: "/r" };
  assert.deepEqual(configPlaces(1000, xdg), {
    file: "/c/sockwarden/sockwarden.yaml",
    stateDir: "/s/sockwarden",
    socket: "/r/sockwarden/sockwarden.sock",
    tokenFile: "/c/sockwarden/token",
  });
});

test("nearest() forgives a slip or another spelling, and guesses nothing from afar", () => {
  assert.equal(editDistance("silentfor", "slientfor"), 1);
  assert.equal(nearest("silentfro", ["silentFor", "stalledFor"]), "silentFor");
  assert.equal(nearest("hold-for", ["holdFor"]), "holdFor");
  assert.equal(nearest("tll", ["first", "max"]), null);
  assert.equal(nearest("x".repeat(100_000), ["first"]), null);
});
