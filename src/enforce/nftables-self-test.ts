// The self-test of nftables: two sets with timeouts and a rule for each, in a table that is not the daemon's.

import type { SelfTest } from "./self-test.ts";

const CANARY_TABLE = "inet sockwarden_canary";

/** nft with its commands as one argument, which it reads one after another. */
const nft = (...commands: readonly string[]): readonly string[] => ["nft", commands.join("; ")];

export const NFTABLES_SELF_TEST: SelfTest = {
  name: "nftables (a set with timeout, one rule)",
  needs: [{ program: "nft", package: "nftables" }],
  ban: ({ ipv4, ipv6 }) => [
    nft(
      `add table ${CANARY_TABLE}`,
      `add set ${CANARY_TABLE} ban4 { type ipv4_addr; flags timeout; }`,
      `add set ${CANARY_TABLE} ban6 { type ipv6_addr; flags timeout; }`,
      `add chain ${CANARY_TABLE} guard { type filter hook prerouting priority -300; }`,
      `add rule ${CANARY_TABLE} guard ip saddr @ban4 counter drop`,
      `add rule ${CANARY_TABLE} guard ip6 saddr @ban6 counter drop`,
      `add element ${CANARY_TABLE} ban4 { ${ipv4} timeout 60s }`,
      `add element ${CANARY_TABLE} ban6 { ${ipv6} timeout 60s }`,
    ),
  ],
  lift: [nft(`delete table ${CANARY_TABLE}`)],
};
