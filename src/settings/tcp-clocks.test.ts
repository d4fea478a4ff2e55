import assert from "node:assert/strict";
import { test } from "node:test";
import { lookupIn } from "./sysctl-values.ts";
import { keepaliveOf, orphanSeconds, readKeepalive, retransmissionSeconds, rtoMaxMs } from "./tcp-clocks.ts";

test("retransmissionSeconds() is the kernel's T(n), for both longest timeouts", () => {
  const table: readonly (readonly [number, number, number])[] = [
    [1, 0.6, 0.6],
    [5, 12.6, 12.6],
    [7, 51, 51],
    [8, 102.2, 81],
    [9, 204.6, 111],
    [10, 324.6, 141],
    [12, 564.6, 201],
    [15, 924.6, 291],
  ];
  for (const [n, at120, at30] of table) {
    assert.equal(retransmissionSeconds(n, 120_000).toFixed(1), at120.toFixed(1), `T(${n}), 120 s`);
    assert.equal(retransmissionSeconds(n, 30_000).toFixed(1), at30.toFixed(1), `T(${n}), 30 s`);
  }
  assert.equal(orphanSeconds(0), orphanSeconds(8));
});

test("keepalive's clocks follow from its three settings, or from the kernel's defaults", () => {
  const set = new Map([
    ["net.ipv4.tcp_keepalive_time", "600"],
    ["net.ipv4.tcp_keepalive_intvl", "30"],
    ["net.ipv4.tcp_keepalive_probes", "6"],
  ]);
  const expected = { time: 600, interval: 30, probes: 6, detection: 780, outage: 180 };
  assert.deepEqual(keepaliveOf(lookupIn(set)), expected);
  assert.deepEqual(readKeepalive(lookupIn(set)), expected);
  assert.equal(keepaliveOf(lookupIn(new Map())).detection, 7875);
  set.delete("net.ipv4.tcp_keepalive_probes");
  assert.equal(
    readKeepalive(lookupIn(set)),
    null,
    "which is told as unknown where no default may be assumed",
  );
});

test("rtoMaxMs() gives the kernel's longest timeout, or 120 s where it has no such setting", () => {
  assert.equal(rtoMaxMs(lookupIn(new Map([["net.ipv4.tcp_rto_max_ms", "30000"]]))), 30_000);
  assert.equal(rtoMaxMs(lookupIn(new Map())), 120_000);
});
