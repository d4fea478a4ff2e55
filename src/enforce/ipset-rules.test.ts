// The whole text for iptables-restore, written by hand from the design and iptables-extensions(8).

import assert from "node:assert/strict";
import { test } from "node:test";
import { ipsetName, ipsetsOf, isNeeded, readStandingRules, restoreText } from "./ipset-rules.ts";
import { fakeListener, fakeSpec, network } from "./testing/values.ts";

const NONE = { jumps: false, chains: [] };

test("dropping is one transaction in the raw table: chains, the jump, and the rules", () => {
  const listeners = [
    fakeListener("any", { ports: [80] }),
    fakeListener("one", { ports: [80], address: network("192.0.2.1") }),
    fakeListener("six", { ports: [80], address: network("2001:db8::1") }),
  ];
  assert.deepEqual(restoreText(fakeSpec({ listeners }), "raw", 4, NONE)!.split("\n"), [
    "*raw",
    ":SOCKWARDEN - [0:0]",
    ":sw-on-any - [0:0]",
    ":sw-syn-any - [0:0]",
    ":sw-on-one - [0:0]",
    ":sw-syn-one - [0:0]",
    "-I PREROUTING 1 -j SOCKWARDEN",
    "-A SOCKWARDEN -p tcp -m multiport --dports 80 -d 192.0.2.1 -g sw-on-one",
    "-A SOCKWARDEN -p tcp -m multiport --dports 80 -m addrtype --dst-type LOCAL -g sw-on-any",
    "-A sw-on-any -p tcp -m set --match-set sw-ban4-all src -j DROP",
    "-A sw-on-any -p tcp -m set --match-set sw-ban4-any src -j DROP",
    "-A sw-on-any -p tcp --syn -g sw-syn-any",
    "-A sw-syn-any -p tcp -m set --match-set sw-cap4-all src -j DROP",
    "-A sw-syn-any -p tcp -m set --match-set sw-cap4-any src -j DROP",
    "-A sw-on-one -p tcp -m set --match-set sw-ban4-all src -j DROP",
    "-A sw-on-one -p tcp -m set --match-set sw-ban4-one src -j DROP",
    "-A sw-on-one -p tcp --syn -g sw-syn-one",
    "-A sw-syn-one -p tcp -m set --match-set sw-cap4-all src -j DROP",
    "-A sw-syn-one -p tcp -m set --match-set sw-cap4-one src -j DROP",
    "COMMIT",
    "",
  ]);
});

test("the fence and rejections are in the filter table, allowed networks before the limits", () => {
  const strict = { connectionsPerSource: 60, newPerSource: { count: 128, perMs: 600_000 } };
  const spec = fakeSpec({
    listeners: [fakeListener("sip", { strict })],
    action: "reject",
    fence: true,
    prefixes: { ipv4: 24, ipv6: 64 },
    allow: [
      { network: network("10.0.0.0/8"), connectionsPerSource: 500 },
      { network: network("192.0.2.7"), connectionsPerSource: null },
      { network: network("2001:db8::/32"), connectionsPerSource: null },
    ],
  });
  const reset = "-j REJECT --reject-with tcp-reset";
  assert.deepEqual(
    restoreText(spec, "filter", 4, NONE)!
      .split("\n")
      .filter((line) => line.includes("sw-syn-sip ")),
    [
      ":sw-syn-sip - [0:0]",
      `-A sw-syn-sip -p tcp -m set --match-set sw-cap4-all src ${reset}`,
      `-A sw-syn-sip -p tcp -m set --match-set sw-cap4-sip src ${reset}`,
      "-A sw-syn-sip -p tcp -s 192.0.2.7 -j RETURN",
      `-A sw-syn-sip -p tcp -s 10.0.0.0/8 -m connlimit --connlimit-above 500 --connlimit-mask 24 --connlimit-saddr ${reset}`,
      "-A sw-syn-sip -p tcp -s 10.0.0.0/8 -j RETURN",
      `-A sw-syn-sip -p tcp -m hashlimit --hashlimit-above 18432/day --hashlimit-burst 128 --hashlimit-mode srcip --hashlimit-srcmask 24 --hashlimit-htable-expire 600000 --hashlimit-name sw4-sip ${reset}`,
      `-A sw-syn-sip -p tcp -m connlimit --connlimit-above 60 --connlimit-mask 24 --connlimit-saddr ${reset}`,
    ],
  );
  assert.equal(restoreText(spec, "raw", 4, NONE), null, "nothing is dropped");
});

test("with dropping and a fence both tables are needed; the filter table has the limits alone", () => {
  const strict = { connectionsPerSource: 3, newPerSource: null };
  const spec = fakeSpec({ listeners: [fakeListener("sip", { strict })], fence: true });
  assert.deepEqual(
    restoreText(spec, "filter", 6, NONE)!
      .split("\n")
      .filter((line) => line.startsWith("-")),
    [
      "-I INPUT 1 -j SOCKWARDEN",
      "-A SOCKWARDEN -p tcp -m multiport --dports 5060 -m addrtype --dst-type LOCAL -g sw-on-sip",
      "-A sw-on-sip -p tcp --syn -g sw-syn-sip",
      "-A sw-syn-sip -p tcp -m connlimit --connlimit-above 3 --connlimit-mask 64 --connlimit-saddr -j DROP",
    ],
  );
});

test("isNeeded() says which tables need anything of ours", () => {
  const needed = (spec = fakeSpec()): boolean[] => [isNeeded(spec, "raw", 4), isNeeded(spec, "filter", 4)];
  const strict = { connectionsPerSource: 3, newPerSource: null };
  const listeners = [fakeListener("sip", { strict })];
  assert.deepEqual(needed(), [true, false]);
  assert.deepEqual(needed(fakeSpec({ action: "reject" })), [false, true]);
  assert.deepEqual(needed(fakeSpec({ listeners, fence: true })), [true, true]);
  assert.deepEqual(needed(fakeSpec({ fence: true })), [true, false], "no limit is strict");
});

test("our jump and chains are found in iptables-save's text, whatever else stands there", () => {
  const saved = [
    "*filter",
    ":INPUT ACCEPT [12:3456]",
    ":ufw-user - [0:0]",
    ":SOCKWARDEN - [0:0]",
    ":sw-on-sip - [0:0]",
    "-A INPUT -s 192.0.2.1 -j SOCKWARDEN",
    "-A INPUT -j SOCKWARDEN",
    "COMMIT",
  ].join("\n");
  assert.deepEqual(readStandingRules("filter", saved), { jumps: true, chains: ["SOCKWARDEN", "sw-on-sip"] });
  const others = saved.replace("-A INPUT -j SOCKWARDEN\n", "");
  assert.equal(readStandingRules("filter", others).jumps, false, "a jump for one address is none of ours");
});

test("every scope has a set for each kind and family", () => {
  assert.deepEqual([...ipsetsOf(["all", "sip"])].map(ipsetName), [
    "sw-ban4-all",
    "sw-ban6-all",
    "sw-cap4-all",
    "sw-cap6-all",
    "sw-ban4-sip",
    "sw-ban6-sip",
    "sw-cap4-sip",
    "sw-cap6-sip",
  ]);
});
