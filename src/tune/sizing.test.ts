import assert from "node:assert/strict";
import { test } from "node:test";
import { keepaliveWith } from "../settings/tcp-clocks.ts";
import { conntrackFor, descriptorsFor, peakPerSecond, somaxconnFor, sumsFor } from "./sizing.ts";
import { CONNTRACK, machine } from "./testing/facts.ts";

test("descriptors, queues and the tracker never fall below their floor and follow their formula above it", () => {
  assert.equal(descriptorsFor("mobile", 0), 65_536);
  assert.equal(descriptorsFor("mobile", 100_000), 204_096);
  assert.equal(descriptorsFor("trunk", 100), 8192);
  assert.equal(descriptorsFor("trunk", 10_000), 21_024);
  assert.equal(descriptorsFor("churn", 100_000), 300_000);
  assert.equal(peakPerSecond(100_000, null), 3334);
  assert.equal(somaxconnFor("mobile", 3334), 6668);
  assert.equal(somaxconnFor("trunk", 1_000_000), 4096);
  assert.equal(conntrackFor("mobile", 1000, 34), 262_144);
  assert.equal(conntrackFor("trunk", 1_000_000, 0), null);
  // A number of buckets that the kernel takes as it is.
  assert.equal(conntrackFor("churn", 100_000, 3334)! % 512, 0);
  assert.ok(conntrackFor("churn", 100_000, 3334)! >= 4 * 100_000 + 120 * 3334);
});

test("every sum shows its formula, the numbers put in, and a result", () => {
  const facts = machine(CONNTRACK);
  const sums = sumsFor({
    profile: "mobile",
    connections: 100_000,
    perSecond: 3334,
    keepalive: keepaliveWith({ time: 600, interval: 30, probes: 6 }),
    retries2: 10,
    rtoMaxMs: 120_000,
    facts,
  });
  const by = (words: string) => sums.find(({ what }) => what.includes(words))!;
  assert.equal(sums.length, 10);
  assert.deepEqual(
    ["LimitNOFILE", "kernel memory", "tcp_mem", "somaxconn", "nf_conntrack_max", "local ports"].map(
      (words) => by(words).result,
    ),
    ["204096", "413 MiB", "100000 pages, 391 MiB", "6668", "262144", "28232"],
  );
  assert.deepEqual(
    ["gone is noticed", "probes sent", "given up", "open files"].map((words) => by(words).result),
    ["780 s", "167 packets/s", "324.6 s", "103000"],
  );
  for (const { what, formula, numbers } of sums) {
    assert.ok(formula.length > 3 && /\d/.test(numbers), what);
  }
});

test("sums whose numbers this machine does not tell are left out", () => {
  const facts = machine({}, { live: new Map(), openFiles: null, availableBytes: null });
  const sums = sumsFor({
    profile: "trunk",
    connections: 10,
    perSecond: 1,
    keepalive: null,
    retries2: null,
    rtoMaxMs: 120_000,
    facts,
  });
  assert.equal(sums.length, 3);
});
