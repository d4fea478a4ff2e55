import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseNetwork } from "../model/index.ts";
import type { RulesetSpec } from "./backend.ts";
import { standingSets } from "./ban-set.ts";
import { readStandingRules, restoreText } from "./ipset-rules.ts";
import { fenceSets } from "./nftables-fence.ts";
import { rulesetCommands, type TableContents } from "./nftables-script.ts";
import { scopesOf } from "./scope.ts";

const network = (text: string) => parseNetwork(text)!;

function spec(different: Partial<RulesetSpec> = {}): RulesetSpec {
  return {
    listeners: [{ name: "sip", ports: [5060, 5061], address: null, strict: null }],
    prefixes: { ipv4: 32, ipv6: 64 },
    action: "drop",
    fence: false,
    allow: [],
    ...different,
  };
}

const STRICT = { connectionsPerSource: 60, newPerSource: { count: 128, perMs: 600_000 } };
const NOTHING: TableContents = { chains: [], sets: [] };

function nft(of: RulesetSpec, standing: TableContents = NOTHING): string[] {
  const sets = standingSets(of.prefixes, scopesOf(of.listeners).keys());
  return rulesetCommands({ spec: of, sets, fence: fenceSets(of), rules: true }, standing);
}

const rulesOf = (commands: readonly string[], chain: string): string[] =>
  commands.flatMap((command) => command.split(`add rule inet sockwarden ${chain} `)[1] ?? []);

test("nftables: a listener on one address is asked before one on all", () => {
  const listeners = [
    { name: "any", ports: [80], address: null, strict: null },
    { name: "one", ports: [80], address: network("192.0.2.1"), strict: null },
    { name: "six", ports: [80], address: network("2001:db8::1"), strict: null },
  ];
  assert.deepEqual(rulesOf(nft(spec({ listeners })), "guard"), [
    "tcp dport { 80 } ip daddr 192.0.2.1 goto on_one",
    "tcp dport { 80 } ip6 daddr 2001:db8::1 goto on_six",
    "tcp dport { 80 } fib daddr type local goto on_any",
  ]);
});

test("nftables: the rules mask the address to a set's length, bans before caps", () => {
  const commands = nft(spec({ prefixes: { ipv4: 24, ipv6: 60 } }));
  assert.deepEqual(rulesOf(commands, "on_sip").slice(0, 4), [
    "ip saddr & 255.255.255.0 @ban4_24_all drop",
    "ip6 saddr & ffff:ffff:ffff:fff0:0:0:0:0 @ban6_60_all drop",
    "ip6 saddr & ffff:ffff:ffff:ff00:0:0:0:0 @ban6_56_all drop",
    "ip6 saddr & ffff:ffff:ffff:0:0:0:0:0 @ban6_48_all drop",
  ]);
  assert.equal(rulesOf(commands, "on_sip").at(-1), "tcp flags & (fin | syn | rst | ack) == syn goto syn_sip");
});

test("nftables: unwanted sets and chains go, in an order that the kernel takes", () => {
  const commands = nft(spec(), { chains: ["guard", "on_old"], sets: ["ban4_32_old", "ban4_32_sip"] });
  const at = (command: string): number => commands.indexOf(command);
  assert.ok(at("flush chain inet sockwarden guard") < at("delete chain inet sockwarden on_old"));
  assert.ok(at("delete chain inet sockwarden on_old") < at("delete set inet sockwarden ban4_32_old"));
  assert.equal(at("delete set inet sockwarden ban4_32_sip"), -1);
  assert.equal(at("delete chain inet sockwarden guard"), -1);
});

test("nftables: the fence stands only if it is wanted and a limit is strict", () => {
  const listeners = [{ ...spec().listeners[0]!, strict: STRICT }];
  assert.deepEqual(rulesOf(nft(spec({ listeners })), "fence"), []);
  assert.deepEqual(rulesOf(nft(spec({ fence: true })), "fence"), []);
  const allow = [
    { network: network("192.0.2.0/24"), connectionsPerSource: 500 },
    { network: network("198.51.100.0/24"), connectionsPerSource: 500 },
    { network: network("192.0.2.7"), connectionsPerSource: null },
  ];
  assert.deepEqual(rulesOf(nft(spec({ listeners, fence: true, allow })), "fence_sip").slice(0, 5), [
    "ip saddr { 192.0.2.7 } return",
    "ip saddr & 255.255.255.0 { 192.0.2.0, 198.51.100.0 } add @conn4_500_sip { ip saddr ct count over 500 } drop",
    "ip saddr & 255.255.255.0 { 192.0.2.0, 198.51.100.0 } return",
    "update @new4_128_600000_sip { ip saddr limit rate over 18432/day burst 128 packets } drop",
    "add @conn4_60_sip { ip saddr ct count over 60 } drop",
  ]);
});

test("no name that somebody gave a listener reaches a program", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1, unit: "binary" }), (name) => {
      const hostile = spec({
        listeners: [{ name: `${name}; flush ruleset\n`, ports: [80], address: null, strict: STRICT }],
        fence: true,
      });
      for (const command of nft(hostile)) assert.match(command, /^(add|flush|delete) [\w {}();:,.&|=@/-]*$/);
      for (const table of ["raw", "filter"] as const) {
        const text = restoreText(hostile, table, 4, { jumps: false, chains: [] }) ?? "";
        assert.match(text, /^[\w\s*:[\]\-.,/]*$/);
      }
    }),
  );
});

test("an impossible port never becomes a rule", () => {
  for (const port of [0, 65_536, 1.5, Number.NaN]) {
    const listeners = [{ name: "sip", ports: [port], address: null, strict: null }];
    assert.throws(() => nft(spec({ listeners })), RangeError);
    assert.throws(() => restoreText(spec({ listeners }), "raw", 4, { jumps: false, chains: [] }), RangeError);
  }
});

test("iptables: bans are dropped in raw, and rejected in filter, the only table for that", () => {
  const none = { jumps: false, chains: [] };
  assert.match(
    restoreText(spec(), "raw", 4, none)!,
    /-I PREROUTING 1 -j SOCKWARDEN\n[\s\S]*sw-ban4-sip src -j DROP/,
  );
  assert.equal(restoreText(spec(), "filter", 4, none), null);
  const reject = spec({ action: "reject" });
  assert.equal(restoreText(reject, "raw", 6, none), null);
  assert.match(
    restoreText(reject, "filter", 6, none)!,
    /-I INPUT 1 -j SOCKWARDEN\n[\s\S]*sw-ban6-sip src -j REJECT/,
  );
});

test("iptables: one jump, whatever stands, and nothing of ours is left when it is taken down", () => {
  const saved =
    ":PREROUTING ACCEPT [0:0]\n:SOCKWARDEN - [0:0]\n:sw-on-old - [0:0]\n-A PREROUTING -j SOCKWARDEN\n";
  const standing = readStandingRules("raw", saved);
  assert.deepEqual(standing, { jumps: true, chains: ["SOCKWARDEN", "sw-on-old"] });
  const again = restoreText(spec(), "raw", 4, standing)!;
  assert.doesNotMatch(again, /-I PREROUTING/);
  assert.match(again, /-X sw-on-old\n/);
  const down = ["*raw", ":SOCKWARDEN - [0:0]", ":sw-on-old - [0:0]", "-D PREROUTING -j SOCKWARDEN"];
  assert.deepEqual(restoreText(null, "raw", 4, standing)!.split("\n"), [
    ...[...down, "-X SOCKWARDEN", "-X sw-on-old", "COMMIT", ""],
  ]);
});

test("iptables: more ports than one rule takes are several rules", () => {
  const ports = Array.from({ length: 31 }, (_, i) => 1000 + i);
  const listeners = [{ name: "sip", ports, address: null, strict: null }];
  const text = restoreText(spec({ listeners }), "raw", 4, { jumps: false, chains: [] })!;
  assert.equal(text.match(/--dports/g)?.length, 3);
});
