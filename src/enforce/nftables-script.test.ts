// The whole text for nft, written by hand from the design and nft(8).

import assert from "node:assert/strict";
import { test } from "node:test";
import type { RulesetSpec } from "./backend.ts";
import { standingSets } from "./ban-set.ts";
import { fenceSets, isFenceSetName } from "./nftables-fence.ts";
import { isOurChain, rulesetCommands, type TableContents } from "./nftables-script.ts";
import { scopesOf } from "./scope.ts";
import { fakeListener, fakeSpec, network } from "./testing/values.ts";

const EMPTY: TableContents = { chains: [], sets: [] };

function commandsOf(spec: RulesetSpec, standing = EMPTY, rules = true): string[] {
  const sets = standingSets(spec.prefixes, scopesOf(spec.listeners).keys());
  return rulesetCommands({ spec, sets, fence: rules ? fenceSets(spec) : [], rules }, standing);
}

/** The commands without the words that they all have. */
const short = (commands: readonly string[]): string[] =>
  commands.map((command) => command.replace(" inet sockwarden", ""));

const SETS = ["all", "sip"].flatMap((scope) =>
  ["ban", "cap"].flatMap((kind) => [
    ...[32, 24].map(
      (length) => `add set ${kind}4_${length}_${scope} { type ipv4_addr; flags timeout; counter; }`,
    ),
    ...[64, 56, 48].map(
      (length) => `add set ${kind}6_${length}_${scope} { type ipv6_addr; flags timeout; counter; }`,
    ),
  ]),
);

test("a first set-up makes table, sets, chains and rules, each before it is used", () => {
  const syn = "tcp flags & (fin | syn | rst | ack) == syn";
  assert.deepEqual(
    short(commandsOf(fakeSpec({ listeners: [fakeListener("sip", { ports: [5060, 5061] })] }))),
    [
      "add table",
      ...SETS,
      "add chain syn_sip",
      "add chain on_sip",
      "add chain guard { type filter hook prerouting priority -300; policy accept; }",
      "add rule syn_sip ip saddr @cap4_32_all drop",
      "add rule syn_sip ip saddr & 255.255.255.0 @cap4_24_all drop",
      "add rule syn_sip ip6 saddr & ffff:ffff:ffff:ffff:0:0:0:0 @cap6_64_all drop",
      "add rule syn_sip ip6 saddr & ffff:ffff:ffff:ff00:0:0:0:0 @cap6_56_all drop",
      "add rule syn_sip ip6 saddr & ffff:ffff:ffff:0:0:0:0:0 @cap6_48_all drop",
      "add rule syn_sip ip saddr @cap4_32_sip drop",
      "add rule syn_sip ip saddr & 255.255.255.0 @cap4_24_sip drop",
      "add rule syn_sip ip6 saddr & ffff:ffff:ffff:ffff:0:0:0:0 @cap6_64_sip drop",
      "add rule syn_sip ip6 saddr & ffff:ffff:ffff:ff00:0:0:0:0 @cap6_56_sip drop",
      "add rule syn_sip ip6 saddr & ffff:ffff:ffff:0:0:0:0:0 @cap6_48_sip drop",
      "add rule on_sip ip saddr @ban4_32_all drop",
      "add rule on_sip ip saddr & 255.255.255.0 @ban4_24_all drop",
      "add rule on_sip ip6 saddr & ffff:ffff:ffff:ffff:0:0:0:0 @ban6_64_all drop",
      "add rule on_sip ip6 saddr & ffff:ffff:ffff:ff00:0:0:0:0 @ban6_56_all drop",
      "add rule on_sip ip6 saddr & ffff:ffff:ffff:0:0:0:0:0 @ban6_48_all drop",
      "add rule on_sip ip saddr @ban4_32_sip drop",
      "add rule on_sip ip saddr & 255.255.255.0 @ban4_24_sip drop",
      "add rule on_sip ip6 saddr & ffff:ffff:ffff:ffff:0:0:0:0 @ban6_64_sip drop",
      "add rule on_sip ip6 saddr & ffff:ffff:ffff:ff00:0:0:0:0 @ban6_56_sip drop",
      "add rule on_sip ip6 saddr & ffff:ffff:ffff:0:0:0:0:0 @ban6_48_sip drop",
      `add rule on_sip ${syn} goto syn_sip`,
      "add rule guard tcp dport { 5060, 5061 } fib daddr type local goto on_sip",
    ],
  );
});

test("set-only is the sets alone, and takes away chains of ours that stand", () => {
  const commands = short(
    commandsOf(fakeSpec(), { chains: ["guard"], sets: ["ban4_32_all", "ban4_32_web"] }, false),
  );
  assert.deepEqual(commands, [
    "add table",
    "flush chain guard",
    "delete chain guard",
    "delete set ban4_32_web",
    ...SETS,
  ]);
});

test("reject answers with a reset in every rule that refuses", () => {
  const rules = commandsOf(fakeSpec({ action: "reject" })).filter((command) => /@(ban|cap)/.test(command));
  assert.equal(rules.length, 20);
  for (const rule of rules) assert.match(rule, / reject with tcp reset$/);
});

test("the fence of one listener: sets that hold its limits, allowed networks first, then the limits", () => {
  const strict = { connectionsPerSource: 60, newPerSource: { count: 10, perMs: 60_000 } };
  const spec = fakeSpec({
    listeners: [
      fakeListener("web", { ports: [80] }),
      fakeListener("sip", { strict, address: network("192.0.2.1") }),
    ],
    fence: true,
    allow: [
      { network: network("2001:db8::/32"), connectionsPerSource: null },
      { network: network("198.51.100.0/24"), connectionsPerSource: 500 },
      { network: network("0.0.0.0/0"), connectionsPerSource: 90 },
    ],
  });
  const fence = short(commandsOf(spec)).filter((command) => /fence|add set (conn|new)/.test(command));
  assert.deepEqual(fence, [
    "add set conn4_60_sip { type ipv4_addr; size 65536; flags dynamic; }",
    "add set conn4_500_sip { type ipv4_addr; size 65536; flags dynamic; }",
    "add set conn4_90_sip { type ipv4_addr; size 65536; flags dynamic; }",
    "add set new4_10_60000_sip { type ipv4_addr; size 65536; flags dynamic,timeout; timeout 60000ms; }",
    "add set conn6_60_sip { type ipv6_addr; size 65536; flags dynamic; }",
    "add set new6_10_60000_sip { type ipv6_addr; size 65536; flags dynamic,timeout; timeout 60000ms; }",
    "add chain fence_sip",
    "add chain fence { type filter hook prerouting priority -150; policy accept; }",
    "add rule fence_sip ip saddr & 255.255.255.0 { 198.51.100.0 } add @conn4_500_sip { ip saddr ct count over 500 } drop",
    "add rule fence_sip ip saddr & 255.255.255.0 { 198.51.100.0 } return",
    "add rule fence_sip meta nfproto ipv4 add @conn4_90_sip { ip saddr ct count over 90 } drop",
    "add rule fence_sip meta nfproto ipv4 return",
    "add rule fence_sip update @new4_10_60000_sip { ip saddr limit rate over 14400/day burst 10 packets } drop",
    "add rule fence_sip add @conn4_60_sip { ip saddr ct count over 60 } drop",
    "add rule fence_sip ip6 saddr & ffff:ffff:0:0:0:0:0:0 { 2001:db8:: } return",
    "add rule fence_sip update @new6_10_60000_sip { ip6 saddr & ffff:ffff:ffff:ffff:0:0:0:0 limit rate over 14400/day burst 10 packets } drop",
    "add rule fence_sip add @conn6_60_sip { ip6 saddr & ffff:ffff:ffff:ffff:0:0:0:0 ct count over 60 } drop",
    "add rule fence tcp dport { 5060 } ip daddr 192.0.2.1 tcp flags & (fin | syn | rst | ack) == syn goto fence_sip",
    "add rule fence tcp dport { 80 } fib daddr type local return",
  ]);
});

test("the names of our chains and fence sets are told from everybody else's", () => {
  for (const name of ["guard", "fence", "on_sip", "syn_x0123456789a", "fence_all"])
    assert.ok(isOurChain(name), name);
  for (const name of ["mine", "guard2", "on_", "on_SIP", "input", "on_a-b"])
    assert.ok(!isOurChain(name), name);
  for (const name of ["conn4_60_sip", "new6_10_60000_sip"]) assert.ok(isFenceSetName(name), name);
  for (const name of ["conn5_60_sip", "conn4_sip", "ban4_32_sip", "new4__sip"])
    assert.ok(!isFenceSetName(name), name);
});
