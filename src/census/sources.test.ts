import assert from "node:assert/strict";
import { test } from "node:test";
import { noLosses } from "../linux/index.ts";
import { CONDUCTS, DEFAULT_SOURCE_PREFIXES, NO_SLOTS, PROFILES, TcpState } from "../model/index.ts";
import type { Census } from "./census.ts";
import { conductByListener, countRows } from "./count.ts";
import { EndpointIndex, readEndpoints } from "./endpoints.ts";
import { between, tableOf } from "./fakes.ts";
import { largestSources } from "./sources.ts";
import { Tally } from "./tally.ts";

/** A census of two listeners, `sip:5060` and `web:80`, and the given connections: peer, local port. */
function censusOf(
  connections: readonly (readonly [string, number])[],
  prefixes = DEFAULT_SOURCE_PREFIXES,
): Census {
  const listening = tableOf(
    { ...between("::", 80, "::", 0), state: TcpState.LISTEN, v6Only: false },
    { ...between("::", 5060, "::", 0), state: TcpState.LISTEN, v6Only: false },
  );
  const endpoints = readEndpoints(listening);
  const table = tableOf(
    ...connections.map(([peer, port]) =>
      peer.includes(":") ? between("2001:db8::1", port, peer, 1000) : between("192.0.2.1", port, peer, 1000),
    ),
  );
  const tally = new Tally(1);
  const outbound = countRows(table, tally, new Int32Array(table.length), {
    index: new EndpointIndex(endpoints, [0, 1]),
    profiles: [PROFILES.generic, PROFILES.sip],
    prefixes,
  });
  const rows = tally.rows();
  const names = ["web:80", "sip:5060"];
  return {
    takenAt: 0,
    scanMs: 0,
    sockets: table.length,
    outbound,
    listeners: conductByListener(rows, 2).map((conduct, i) => ({
      name: names[i]!,
      endpoints: [],
      processes: [],
      conduct,
      ...NO_SLOTS,
    })),
    rows,
    prefixes,
    holders: null,
    hiddenProcesses: 0,
    losses: noLosses(),
    consistent: true,
  };
}

test("largestSources() adds a source's connections over all listeners, the largest first", () => {
  const census = censusOf([
    ["198.51.100.1", 80],
    ["198.51.100.2", 80],
    ["198.51.100.2", 5060],
    ["198.51.100.2", 5060],
  ]);
  const [first, second, ...rest] = largestSources(census, null);
  assert.deepEqual(
    [first!.source, first!.connections, first!.listeners],
    ["198.51.100.2", 3, { "web:80": 1, "sip:5060": 2 }],
  );
  assert.deepEqual([second!.source, second!.connections], ["198.51.100.1", 1]);
  assert.equal(rest.length, 0);
});

test("IPv6 addresses of one /64 are one source, and v4-mapped peers are their IPv4 address", () => {
  const census = censusOf([
    ["2001:db8:1:2::1", 5060],
    ["2001:db8:1:2:ffff::9", 5060],
    ["2001:db8:1:3::1", 5060],
    ["198.51.100.2", 5060],
    ["::ffff:198.51.100.2", 5060],
  ]);
  assert.deepEqual(
    largestSources(census, null).map(({ source, connections }) => [source, connections]),
    [
      ["198.51.100.2", 2],
      ["2001:db8:1:2::/64", 2],
      ["2001:db8:1:3::/64", 1],
    ],
  );
});

test("other prefix lengths count larger networks as one source", () => {
  const census = censusOf(
    [
      ["198.51.100.2", 80],
      ["198.51.100.77", 80],
    ],
    { ipv4: 24, ipv6: 48 },
  );
  assert.deepEqual(
    largestSources(census, null).map(({ source }) => source),
    ["198.51.100.0/24"],
  );
});

test("sources of equal size come in the order of their addresses, and top cuts them off", () => {
  const census = censusOf([
    ["203.0.113.9", 80],
    ["9.9.9.9", 80],
    ["198.51.100.2", 80],
  ]);
  assert.deepEqual(
    largestSources(census, 2).map(({ source }) => source),
    ["9.9.9.9", "198.51.100.2"],
  );
});

test("what belongs to no listener is outbound and no source", () => {
  const census = censusOf([["198.51.100.2", 443]]);
  assert.deepEqual([census.outbound, largestSources(census, null).length], [1, 0]);
});

test("the conduct of all sources sums to that of the listeners", () => {
  const census = censusOf([
    ["198.51.100.1", 80],
    ["198.51.100.2", 5060],
  ]);
  for (const conduct of CONDUCTS) {
    const ofSources = largestSources(census, null).reduce((sum, source) => sum + source.conduct[conduct], 0);
    const ofListeners = census.listeners.reduce((sum, listener) => sum + listener.conduct[conduct], 0);
    assert.equal(ofSources, ofListeners);
  }
});
