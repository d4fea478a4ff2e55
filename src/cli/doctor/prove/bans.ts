// The ways to ban that the self-test tries, as the programs that carry them out in the canary's namespace. Rules drop at
// prerouting, before connection tracking, as a guard's would.

export interface BanMethod {
  readonly id: string;
  readonly name: string;
  /** Programs that must be there, with Debian's package. */
  readonly needs: readonly { readonly program: string; readonly package: string }[];
  readonly ban: (addresses: Addresses) => readonly (readonly string[])[];
  readonly lift: readonly (readonly string[])[];
}

export interface Addresses {
  readonly ipv4: string;
  readonly ipv6: string;
}

const CANARY_TABLE = "inet sockwarden_canary";

/** As one argument: commands that nft reads one after another. */
const nft = (...commands: readonly string[]): readonly string[] => ["nft", commands.join("; ")];

const NFTABLES: BanMethod = {
  id: "prove-ban-nftables",
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

const rule = (program: string, change: string, set: string): readonly string[] => [
  ...[program, "-t", "raw", change, "PREROUTING"],
  ...["-m", "set", "--match-set", set, "src", "-j", "DROP"],
];

const IPSET: BanMethod = {
  id: "prove-ban-ipset",
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

export const BAN_METHODS: readonly BanMethod[] = [NFTABLES, IPSET];
