import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Ban, type BanKind, banKeyText, formatNetwork, maskBits, type Network } from "../model/index.ts";
import type { KernelBan, RulesetSpec } from "./backend.ts";
import { openObserve } from "./observe.ts";
import { difference, reconcile, TOLERANCE_MS } from "./reconcile.ts";

const NOW = 1_000_000;

const SPEC: RulesetSpec = {
  listeners: ["sip", "web"].map((name, i) => ({ name, ports: [i + 1], address: null, strict: null })),
  prefixes: { ipv4: 32, ipv6: 64 },
  action: "drop",
  fence: false,
  allow: [],
};

// There are few addresses and lengths, so that bans meet.
const networks: fc.Arbitrary<Network> = fc
  .record({ last: fc.nat(3), four: fc.boolean(), bits: fc.constantFrom(128, 126, 104, 97) })
  .map(({ last, four, bits }) => {
    const address = new Uint8Array(16);
    if (four) address.set([0xff, 0xff, 10, 0, 0, last], 10);
    else address.set([0x20, 1, 0xd, 0xb8, last]);
    return { address: maskBits(address, bits), bits };
  });

const bans: fc.Arbitrary<Ban> = fc.record({
  source: networks,
  listener: fc.constantFrom(null, "sip", "web"),
  kind: fc.constantFrom<BanKind>("ban", "cap"),
  since: fc.constant(0),
  until: fc.integer({ min: NOW - 10_000, max: NOW + 100_000_000 }),
  reason: fc.constant(""),
  rule: fc.constant("operator"),
});

function heldAs(ban: Ban, remainingMs: number): KernelBan {
  return { source: ban.source, listener: ban.listener, kind: ban.kind, remainingMs, packets: 0 };
}

test("reconcile() makes a backend hold what is desired, and the second time changes nothing", () => {
  fc.assert(
    fc.property(fc.array(bans), fc.array(bans), (before, desired) => {
      using backend = openObserve(() => 0);
      backend.setUp(SPEC);
      backend.add(before, NOW);
      reconcile(backend, desired, NOW);
      const lasting = desired.filter(({ until }) => until > NOW);
      assert.deepEqual(
        new Set(backend.list().map(banKeyText)),
        new Set(lasting.map(banKeyText)),
        "the same bans",
      );
      assert.deepEqual(reconcile(backend, desired, NOW), { added: 0, removed: 0, failed: [] });
    }),
  );
});

test("an end is renewed beyond the tolerance, earlier or later, and left alone within it", () => {
  const ban: Ban = {
    source: { address: new Uint8Array(16).fill(1), bits: 128 },
    listener: null,
    kind: "ban",
    since: 0,
    until: NOW + 60_000,
    reason: "",
    rule: "operator",
  };
  const added = (remainingMs: number): number =>
    difference([ban], [heldAs(ban, remainingMs)], NOW).add.length;
  assert.equal(added(60_000 - TOLERANCE_MS), 0);
  assert.equal(added(60_000 + TOLERANCE_MS), 0);
  assert.equal(added(60_000 - TOLERANCE_MS - 1), 1);
  assert.equal(added(60_000 + TOLERANCE_MS + 1), 1);
  assert.equal(added(Number.POSITIVE_INFINITY), 1, "one without an end gets one");
});

test("the later end counts if two desired bans are one in the kernel", () => {
  fc.assert(
    fc.property(fc.array(bans, { minLength: 1 }), (desired) => {
      const { add, remove } = difference(desired, [], NOW);
      assert.deepEqual(remove, []);
      for (const ban of add) {
        const same = desired.filter((other) => banKeyText(other) === banKeyText(ban));
        assert.equal(ban.until, Math.max(...same.map(({ until }) => until)), formatNetwork(ban.source));
      }
    }),
  );
});
