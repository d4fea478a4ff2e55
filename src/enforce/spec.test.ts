import assert from "node:assert/strict";
import { test } from "node:test";
import { type PlacedListener, type RulesetWishes, specOf } from "./spec.ts";
import { network } from "./testing/values.ts";

const WISHES: RulesetWishes = { prefixes: { ipv4: 24, ipv6: 56 }, action: "reject", fence: true, allow: [] };

interface Placing {
  readonly ports?: readonly number[] | null;
  readonly found?: readonly number[];
  readonly address?: string;
  readonly limits?: Partial<PlacedListener["policy"]["limits"]>;
}

function placed(name: string, { ports = null, found = [], address, limits = {} }: Placing): PlacedListener {
  const selector = {
    ports,
    process: null,
    netns: null,
    address: address === undefined ? null : network(address),
  };
  const none = { connectionsPerSource: null, newPerSource: null };
  return {
    name,
    policy: { selector, limits: { ...none, ...limits } } as unknown as PlacedListener["policy"],
    endpoints: found.map((port) => ({ port })),
  };
}

test("a listener has the ports of its policy and those where it was found, each once, in order", () => {
  const { listeners } = specOf([placed("sip", { ports: [5061, 5060], found: [5062, 5060] })], WISHES);
  assert.deepEqual(listeners[0]!.ports, [5060, 5061, 5062]);
});

test("a policy by process needs no rule while the process is gone and no port is known", () => {
  const { listeners } = specOf([placed("web", {}), placed("chat", { found: [80] })], WISHES);
  assert.deepEqual(
    listeners.map(({ name, ports }) => [name, ports]),
    [["chat", [80]]],
  );
});

test("a listener has strict limits if one of them is set, else none", () => {
  const rate = { count: 128, perMs: 600_000 };
  const { listeners } = specOf(
    [
      placed("none", { ports: [1] }),
      placed("count", { ports: [2], limits: { connectionsPerSource: 60 } }),
      placed("rate", { ports: [3], limits: { newPerSource: rate } }),
    ],
    WISHES,
  );
  assert.deepEqual(
    listeners.map(({ strict }) => strict),
    [
      null,
      { connectionsPerSource: 60, newPerSource: null },
      { connectionsPerSource: null, newPerSource: rate },
    ],
  );
});

test("packets go to the address of the selector, and the wishes are carried over", () => {
  const allow = [{ network: network("192.0.2.0/24"), reason: "trunk", connectionsPerSource: 500 }];
  const spec = specOf([placed("sip", { ports: [5060], address: "192.0.2.7" })], { ...WISHES, allow });
  assert.deepEqual(spec.listeners[0]!.address, network("192.0.2.7"));
  assert.deepEqual([spec.prefixes, spec.action, spec.fence], [{ ipv4: 24, ipv6: 56 }, "reject", true]);
  assert.deepEqual(spec.allow, [{ network: network("192.0.2.0/24"), connectionsPerSource: 500 }]);
});
