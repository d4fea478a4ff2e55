// The ban sets of a firewall, told from its own listings.

import assert from "node:assert/strict";
import { test } from "node:test";
import { droppedSets, parseIpsetMembers, parseNftSets, readBanFacts } from "./ban-facts.ts";

test("ban sets of nftables are those that a rule drops sources by, with timeouts and networks", () => {
  const elem = [
    { elem: { val: "192.0.2.1", timeout: 60 } },
    { prefix: { addr: "2001:db8::", len: 32 } },
    "192.0.2.9",
  ];
  const match = (field: string, set: string): object => ({
    match: { op: "==", left: { payload: { protocol: "ip", field } }, right: `@${set}` },
  });
  const rule = (...expr: readonly object[]): object => ({ rule: { family: "inet", table: "f", expr } });
  const set = (name: string): object => ({ set: { family: "inet", table: "f", name, elem } });
  const json = JSON.stringify({
    nftables: [
      ...["bad", "good", "there"].map(set),
      rule(match("saddr", "bad"), { drop: null }),
      rule(match("saddr", "good"), { accept: null }),
      rule(match("daddr", "there"), { drop: null }),
    ],
  });
  assert.deepEqual(parseNftSets(json), [
    { name: "nftables inet f/bad", members: ["192.0.2.1", "2001:db8::/32", "192.0.2.9"] },
  ]);
  assert.deepEqual(parseNftSets(""), []);
});

test("ban sets are unknown where the firewall cannot be asked, and its words are handed on", () => {
  const says = (code: number, stdout: string, stderr: string) => () => ({ code, stdout, stderr });
  assert.equal(readBanFacts(() => null).kind, "unknown");
  assert.deepEqual(readBanFacts(says(1, "", "Operation not permitted\nmore")), {
    kind: "unknown",
    reason: "Operation not permitted",
  });
  const asked: string[] = [];
  const facts = readBanFacts((argv) => {
    asked.push(argv.join(" "));
    if (argv[0] === "nft") return null;
    if (argv[0] === "ipset") return { code: 0, stdout: "add bad 192.0.2.1\n", stderr: "" };
    return { code: 0, stdout: "-A INPUT -m set --match-set bad src -j DROP\n", stderr: "" };
  });
  assert.deepEqual(facts, { kind: "read", sets: [{ name: "ipset bad", members: ["192.0.2.1"] }] });
  assert.deepEqual(asked, ["nft -j list ruleset", "iptables-save", "ip6tables-save", "ipset save bad"]);
});

test("ban sets of iptables are those that a rule drops sources by", () => {
  const saved = `-A INPUT -m set --match-set bad src -j DROP
-A INPUT -p tcp -m set --match-set worse src -j REJECT --reject-with tcp-reset
-A INPUT -m set ! --match-set friends src -j DROP
-A INPUT -m set --match-set good src -j ACCEPT
`;
  assert.deepEqual(droppedSets(saved), ["bad", "worse"]);
  const members =
    'create bad hash:ip family inet\nadd bad 192.0.2.1 timeout 270 comment "x"\nadd bad 198.51.100.0/24\n';
  assert.deepEqual(parseIpsetMembers(members), ["192.0.2.1", "198.51.100.0/24"]);
});
