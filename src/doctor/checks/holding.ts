// Connections that are held: by the silent, by one source, by closed windows, by the banned.

import { contains, count, parseAddress, parseNetwork, percent } from "../../model/index.ts";
import { type DoctorCheck, failed, ok, unknown } from "../check.ts";
import type { FirewallSet } from "../facts/ban-facts.ts";
import type { SocketFacts } from "../facts/socket-facts.ts";

const UNREADABLE = "the socket table could not be read";
/** Fewer are normal: clients connect ahead of need. */
const SILENT_LEAST = 10;
const SILENT_SHARE = 0.05;
const SOURCE_LEAST = 20;
const SOURCE_SHARE = 0.5;
const KEEPALIVE_LEAST = 3;

const SILENT_CONNECTIONS: DoctorCheck = {
  id: "silent-connections",
  severity: "warning",
  about: "connections that have never sent a byte for more than 30 s",
  reads: "sock_diag: bytes_received, last_data_recv",
  judge: ({ sockets }) => {
    if (sockets === null) return unknown(UNREADABLE);
    const held = sockets.listeners.filter(
      ({ silent, connections }) => silent >= SILENT_LEAST && silent > SILENT_SHARE * connections,
    );
    if (held.length === 0) return ok("hardly any connection is silent");
    return failed({
      severity: held.some(({ silent, connections }) => silent > connections / 2) ? "critical" : "warning",
      text: held
        .map(
          ({ name, silent, connections }) =>
            `${silent} of ${connections} connections to ${name} have never sent a byte (${percent(silent, connections)}).`,
        )
        .join(" "),
      read: held.map(
        ({ name, silent }) => `sock_diag ${name}: ${silent} established, bytes_received 0, older than 30 s`,
      ),
      fix: ["sockwarden who --by conduct"],
    });
  },
  advice:
    "Keepalive never closes them while their kernel answers. Only the program's own timer for the first bytes does, or eviction. See who they are, and set the program's timer.",
  source: "TCP_INFO (include/uapi/linux/tcp.h); measured",
};

const ONE_SOURCE: DoctorCheck = {
  id: "one-source",
  severity: "warning",
  about: "one source with more than half of a listener's connections",
  reads: "sock_diag, by source (IPv4 address, IPv6 /64)",
  judge: ({ sockets }) => {
    if (sockets === null) return unknown(UNREADABLE);
    const held = sockets.listeners.filter(
      ({ connections, largest }) =>
        largest !== null &&
        !isLoopbackSource(largest.source) &&
        largest.connections >= SOURCE_LEAST &&
        largest.connections > SOURCE_SHARE * connections,
    );
    if (held.length === 0) return ok("no source holds more than half of a listener's connections");
    return failed({
      text: held
        .map(
          ({ name, connections, largest }) =>
            `${largest!.source} holds ${largest!.connections} of ${connections} connections to ${name}, ${largest!.silent} of them silent.`,
        )
        .join(" "),
      read: held.map(
        ({ name, largest }) => `sock_diag ${name}: ${largest!.connections} from ${largest!.source}`,
      ),
      fix: ["sockwarden who --top 20"],
    });
  },
  advice:
    "Silent ones are hoarded. If they talk, it may be a proxy, an office or a carrier's NAT with many people behind it: look before banning.",
  source: "measured",
};

const isLoopbackSource = (source: string): boolean =>
  source.startsWith("127.") || source.startsWith("::/") || source === "::1";

const KEEPALIVE_UNUSED: DoctorCheck = {
  id: "keepalive-unused",
  severity: "notice",
  about: "a server that does not switch SO_KEEPALIVE on, so that the keepalive sysctls do nothing for it",
  reads: "sock_diag: the running timer of quiet connections",
  judge: ({ sockets }) => {
    if (sockets === null) return unknown(UNREADABLE);
    const without = sockets.listeners.filter(
      ({ quiet, quietWithoutKeepalive }) =>
        quietWithoutKeepalive >= KEEPALIVE_LEAST && quietWithoutKeepalive > quiet / 2,
    );
    if (without.length === 0)
      return ok("connections that are quiet have a keepalive timer, or there are none");
    return failed({
      text: without
        .map(
          ({ name, quiet, quietWithoutKeepalive }) =>
            `${quietWithoutKeepalive} of ${quiet} quiet connections to ${name} have no keepalive timer: peers that vanish are never noticed.`,
        )
        .join(" "),
      read: without.map(
        ({ name, quietWithoutKeepalive }) =>
          `sock_diag ${name}: ${quietWithoutKeepalive} established without a timer`,
      ),
    });
  },
  advice:
    "Switch it on in the program: nginx `listen ... so_keepalive=600s:30s:6`, haproxy `option clitcpka`, Kamailio has it on. mosquitto has no such option; there the MQTT keepalive counts.",
  source: "tcp(7), socket(7), net/ipv4/tcp_timer.c; measured",
};

const ZERO_WINDOW: DoctorCheck = {
  id: "zero-window",
  severity: "warning",
  about: "peers that take no data and send none, for more than a minute",
  reads: "sock_diag: window probes, last_data_recv",
  judge: ({ sockets }) => {
    if (sockets === null) return unknown(UNREADABLE);
    const held = sockets.listeners.filter(({ zeroWindow }) => zeroWindow > 0);
    if (held.length === 0) return ok("no peer keeps its window shut");
    return failed({
      text: held
        .map(({ name, zeroWindow }) => `${zeroWindow} of the peers of ${name} take no data and send none.`)
        .join(" "),
      read: held.map(
        ({ name, zeroWindow }) =>
          `sock_diag ${name}: ${zeroWindow} in window probes, quiet for more than 60 s`,
      ),
    });
  },
  advice:
    "They pin a socket and its unsent data for ever while they answer probes: neither keepalive nor tcp_retries2 ends them. Only TCP_USER_TIMEOUT does (haproxy `tcp-ut`, Kamailio `tcp_send_timeout` from 5.8), or eviction.",
  source: "tcp(7), net/ipv4/tcp_timer.c; measured",
};

const BANNED_CONNECTED: DoctorCheck = {
  id: "banned-but-connected",
  severity: "warning",
  about: "addresses that a firewall set drops and that are still connected",
  reads: "nft -j list ruleset, iptables-save, ipset save; sock_diag",
  judge: ({ bans, sockets }) => {
    if (bans.kind === "unknown") return unknown(`the firewall's sets could not be read: ${bans.reason}`);
    if (sockets === null) return unknown(UNREADABLE);
    const held = bans.sets
      .map((set) => ({ set, ...connectedOf(set, sockets) }))
      .filter(({ connections }) => connections > 0);
    const members = bans.sets.reduce((sum, set) => sum + set.members.length, 0);
    if (held.length === 0) {
      return ok(
        members === 0
          ? "no firewall set bans anybody"
          : `none of ${count(members, "banned address", "banned addresses")} is connected`,
      );
    }
    return failed({
      text: held
        .map(
          ({ set, addresses, connections }) =>
            `${connections} connections of ${addresses.length} banned ${addresses.length === 1 ? "address" : "addresses"} in ${set.name} are still held.`,
        )
        .join(" "),
      read: held.map(
        ({ set, addresses }) =>
          `${set.name}: ${addresses.slice(0, 5).join(", ")}${addresses.length > 5 ? ", ..." : ""}`,
      ),
      fix: held.flatMap(({ addresses }) => addresses.slice(0, 5).map((address) => `ss -K dst ${address}`)),
    });
  },
  advice:
    "A DROP stops packets, not sockets: each one holds its descriptor until keepalive gives up, two hours by default. Destroy the sockets after the ban.",
  source: "ss(8), ipset(8), net/ipv4/tcp.c tcp_abort; measured",
};

/** The connected addresses that a set bans. Single addresses are looked up; only networks are tried one by one. */
function connectedOf(
  { members }: FirewallSet,
  { peers }: SocketFacts,
): { readonly addresses: string[]; readonly connections: number } {
  const single = new Set(members.filter((member) => !member.includes("/")));
  const networks = members
    .filter((member) => member.includes("/"))
    .map(parseNetwork)
    .filter((network) => network !== null);
  const addresses = [...peers.keys()].filter((peer) => {
    if (single.has(peer)) return true;
    const address = networks.length === 0 ? null : parseAddress(peer);
    return address !== null && networks.some((network) => contains(network, address));
  });
  return { addresses, connections: addresses.reduce((sum, peer) => sum + peers.get(peer)!, 0) };
}

export const HOLDING_CHECKS: readonly DoctorCheck[] = [
  SILENT_CONNECTIONS,
  ONE_SOURCE,
  KEEPALIVE_UNUSED,
  ZERO_WINDOW,
  BANNED_CONNECTED,
];
