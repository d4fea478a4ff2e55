// The self-test of ipset: two sets with timeouts, and an iptables rule in the raw table for each.

import type { SelfTest } from "./self-test.ts";

const rule = (program: string, change: string, set: string): readonly string[] => [
  ...[program, "-t", "raw", change, "PREROUTING"],
  ...["-m", "set", "--match-set", set, "src", "-j", "DROP"],
];

export const IPSET_SELF_TEST: SelfTest = {
  name: "ipset and iptables",
  needs: [
    { program: "ipset", package: "ipset" },
    { program: "iptables", package: "iptables" },
  ],
  ban: ({ ipv4, ipv6 }) => [
    ["ipset", "create", "canary4", "hash:ip", "timeout", "60"],
    ["ipset", "create", "canary6", "hash:ip", "family", "inet6", "timeout", "60"],
    ["ipset", "add", "canary4", ipv4],
    ["ipset", "add", "canary6", ipv6],
    rule("iptables", "-I", "canary4"),
    rule("ip6tables", "-I", "canary6"),
  ],
  lift: [rule("iptables", "-D", "canary4"), rule("ip6tables", "-D", "canary6")],
};
