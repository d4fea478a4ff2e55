// The lab's network, as data: two namespaces and a veth pair between them.
//
//   client namespace                                   victim namespace
//   lab0 198.18.0.1, 2001:2::1   <--- veth pair --->   lab0 198.18.0.2, 2001:2::2 (and .3, ::3 to spare)
//   10.0.0.0/8, 2001:db8::/32: all local here          all three ranges: routed to the client
//   198.19.0.0/16: forged, swallowed here
//
// The victim sees every client address behind one next hop, so none of them needs neighbour discovery. Nothing answers
// for the forged ones: what the victim sends them is dropped without a word. Benchmarking ranges (RFC 2544, RFC 5180)
// join the two namespaces; the populations need more networks than those have. A program's resolver may live in
// 10.0.0.0/8. That does no harm: its port is closed there, so a lookup fails at once and does not wait.

import type { Namespace } from "./namespace.ts";

export const VICTIM_4 = "198.18.0.2";
export const VICTIM_6 = "2001:2::2";
/** Further addresses of the victim, for outbound connections whose local port is a listener's. */
export const VICTIM_SPARE_4 = "198.18.0.3";
export const VICTIM_SPARE_6 = "2001:2::3";
const CLIENT_4 = "198.18.0.1";
const CLIENT_6 = "2001:2::1";

/** A range of networks for populations. `network` gives the nth without its host part. */
export interface AddressRange {
  readonly prefix: string;
  readonly networks: number;
  readonly network: (n: number) => string;
}

/** The addresses that the clients have, and those that only forged packets carry. */
export const OWNED_4: AddressRange = {
  prefix: "10.0.0.0/8",
  networks: 1 << 16,
  network: (n) => `10.${n >> 8}.${n & 255}`,
};
export const FORGED_4: AddressRange = {
  prefix: "198.19.0.0/16",
  networks: 1 << 8,
  network: (n) => `198.19.${n}`,
};
export const OWNED_6: AddressRange = {
  prefix: "2001:db8::/32",
  networks: 1 << 16,
  network: (n) => `2001:db8:${n.toString(16)}`,
};

/** Settings by their names below /proc/sys. Each belongs to one namespace alone. */
export const NETWORK_SETTINGS: Readonly<Record<string, string>> = {
  "net/ipv4/ip_local_port_range": "1024 65535",
  "net/ipv4/tcp_max_syn_backlog": "65536",
  "net/core/somaxconn": "65535",
  // The metrics of thousands of connections that were cut on purpose must not slow down the next ones.
  "net/ipv4/tcp_no_metrics_save": "1",
  "net/ipv6/conf/all/disable_ipv6": "0",
  "net/ipv6/conf/default/disable_ipv6": "0",
  // Without duplicate address detection addresses are usable at once.
  "net/ipv6/conf/all/accept_dad": "0",
  "net/ipv6/conf/default/accept_dad": "0",
  // IPv6 has local routes for whole prefixes as IPv4 does, but bind() accepts them only with this.
  "net/ipv6/ip_nonlocal_bind": "1",
};

/** Joins the two namespaces. */
export async function joinNamespaces(victim: Namespace, client: Namespace): Promise<void> {
  await applyIp(client, [
    "link set lo up",
    // The ends need different interface numbers. Two fresh namespaces give them equal ones, which look like one device
    // to the kernel's linkwatch_urgent_event() (net/core/link_watch.c). The carrier would then take up to a second to
    // come up.
    `link add lab0 index 7 type veth peer name lab0 index 8 netns /proc/${victim.pid}/ns/net`,
    `address add ${CLIENT_4}/24 dev lab0`,
    `address add ${CLIENT_6}/64 dev lab0 nodad`,
    "link set lab0 up",
    `route add local ${OWNED_4.prefix} dev lo`,
    `route add local ${OWNED_6.prefix} dev lo`,
    `route add blackhole ${FORGED_4.prefix}`,
  ]);
  await applyIp(victim, [
    "link set lo up",
    ...[VICTIM_4, VICTIM_SPARE_4].map((address) => `address add ${address}/24 dev lab0`),
    ...[VICTIM_6, VICTIM_SPARE_6].map((address) => `address add ${address}/64 dev lab0 nodad`),
    "link set lab0 up",
    `route add ${OWNED_4.prefix} via ${CLIENT_4}`,
    `route add ${FORGED_4.prefix} via ${CLIENT_4}`,
    `route add ${OWNED_6.prefix} via ${CLIENT_6}`,
  ]);
}

/**
 * Makes these prefixes of the client namespace fall silent: everything that leaves from them, even FINs and resets, is
 * dropped without a word from then on. It takes a rule, since a route chooses by destination only. Rules also void the
 * routes that open connections have cached.
 */
export async function silence(client: Namespace, prefixes: readonly string[]): Promise<void> {
  const rules = (family: boolean) => prefixes.filter((prefix) => prefix.includes(":") === family);
  for (const [flag, chosen] of [["-4", rules(false)] as const, ["-6", rules(true)] as const]) {
    const lines = chosen.map((prefix) => `rule add from ${prefix} pref 1 blackhole`);
    if (lines.length > 0) await applyIp(client, lines, [flag]);
  }
}

async function applyIp(
  namespace: Namespace,
  lines: readonly string[],
  flags: readonly string[] = [],
): Promise<void> {
  await namespace.read(["ip", ...flags, "-batch", "-"], { input: `${lines.join("\n")}\n` });
}
