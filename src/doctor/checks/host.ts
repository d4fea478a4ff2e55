// What the host offers: room for a flood of log lines, and the kernel's means to ban, evict and try things out.

import type { Capability } from "../../linux/index.ts";
import { bytesText, percent } from "../../model/index.ts";
import { type CheckVerdict, type DoctorCheck, failed, ok, unknown } from "../check.ts";
import { liveNumber, readOf } from "./about-sysctls.ts";

/** Kamailio out of descriptors wrote 1.9 GB of log in 57 s. */
const LOG_BYTES_PER_SECOND = 33_000_000;
const LOG_SECONDS_LEAST = 120;

const LOG_DISK: DoctorCheck = {
  id: "disk-for-logs",
  severity: "warning",
  about: "room for the log of a server that is out of descriptors (260 000 lines a second)",
  reads: "statfs of /var/log",
  judge: ({ logSpace }) => {
    if (logSpace === null) return unknown("the space of /var/log could not be read");
    const { path, freeBytes, totalBytes } = logSpace;
    const seconds = Math.floor(freeBytes / LOG_BYTES_PER_SECOND);
    const read = [`${path}: ${bytesText(freeBytes)} of ${bytesText(totalBytes)} free`];
    if (seconds >= LOG_SECONDS_LEAST && freeBytes > 0.05 * totalBytes)
      return ok(`${bytesText(freeBytes)} are free for logs`, read);
    return failed({
      severity: seconds < 10 ? "critical" : "warning",
      text: `${bytesText(freeBytes)} are free in ${path} (${percent(freeBytes, totalBytes)}): a server that is out of descriptors can fill that in ${seconds} s.`,
      read,
      fix: [
        "/etc/systemd/journald.conf.d/size.conf: [Journal] SystemMaxUse=1G",
        "/etc/logrotate.d: maxsize for the server's own log",
      ],
    });
  },
  advice: "Bound the log's size, or give it a file system of its own, so that it takes nothing else down.",
  source: "measured with Kamailio 5.6.3 and 6.1.4; journald.conf(5)",
};

const KERNEL_MEANS: readonly {
  readonly id: string;
  readonly what: "destroy" | "nftables" | "ipset";
  readonly can: string;
  readonly need: string;
}[] = [
  {
    id: "sock-destroy",
    what: "destroy",
    can: "evict connections (SOCK_DESTROY)",
    need: "A kernel with CONFIG_INET_DIAG_DESTROY (Debian, Ubuntu, Fedora have it). Without it a held descriptor is freed only when the program gives up.",
  },
  {
    id: "nftables",
    what: "nftables",
    can: "ban by nftables",
    need: "A kernel with nf_tables; the ipset backend does without.",
  },
  {
    id: "ipset",
    what: "ipset",
    can: "ban by ipset",
    need: "Only hosts without nftables need it: the kernel's ip_set, and xt_set for iptables.",
  },
];

const CAPABILITIES: readonly DoctorCheck[] = KERNEL_MEANS.map(({ id, what, can, need }) => ({
  id,
  severity: what === "ipset" ? ("notice" as const) : ("warning" as const),
  about: `whether this kernel can ${can}`,
  reads:
    what === "destroy"
      ? "sock_diag, asked for a socket that cannot exist"
      : "netfilter, asked for its version",
  judge: ({ capabilities }) => capabilityVerdict(capabilities[what], can),
  advice: need,
  source: what === "destroy" ? "net/ipv4/inet_diag.c" : "net/netfilter/nfnetlink.c",
}));

function capabilityVerdict(capability: Capability, can: string): CheckVerdict {
  if (capability.kind === "works") return ok(`this kernel can ${can}`);
  if (capability.kind === "unknown") return unknown(`whether this kernel can ${can}: ${capability.reason}`);
  return failed({ text: `This kernel cannot ${can}: ${capability.reason}.`, read: [capability.reason] });
}

const CONNTRACK: DoctorCheck = {
  id: "conntrack",
  severity: "notice",
  about: "whether connection tracking works here; limits that the kernel enforces at the SYN need it",
  reads: "/proc/sys/net/netfilter/nf_conntrack_max",
  judge: (facts) => {
    const most = facts.sysctls.get("net.netfilter.nf_conntrack_max");
    if (most !== undefined)
      return ok("connection tracking is there", [readOf("net.netfilter.nf_conntrack_max", most)]);
    return failed({
      text: "Connection tracking is not loaded here: no limit can be enforced at the SYN.",
      read: ["net.netfilter.nf_conntrack_max: absent"],
      fix: ["modprobe nf_conntrack"],
    });
  },
  advice: "Nothing is wrong while no strict limits are wanted; bans and eviction do without it.",
  source: "Documentation/networking/nf_conntrack-sysctl.rst",
};

const NAMESPACES: DoctorCheck = {
  id: "namespaces",
  severity: "notice",
  about: "whether private network namespaces can be made, for the self-test and drills",
  reads:
    "/proc/sys/user/max_net_namespaces, max_user_namespaces; kernel.unprivileged_userns_clone, AppArmor's restriction",
  judge: (facts) => {
    const net = liveNumber(facts, "user.max_net_namespaces");
    if (net === null) return unknown("user.max_net_namespaces could not be read");
    const user = liveNumber(facts, "user.max_user_namespaces") ?? net;
    const closed =
      liveNumber(facts, "kernel.unprivileged_userns_clone") === 0 ||
      (liveNumber(facts, "kernel.apparmor_restrict_unprivileged_userns") ?? 0) > 0;
    const read = [
      readOf("user.max_net_namespaces", String(net)),
      readOf("user.max_user_namespaces", String(user)),
    ];
    if (net > 0 && user > 0)
      return ok(
        closed ? "root can make namespaces; ordinary users cannot" : "anybody can make namespaces",
        read,
      );
    return failed({
      text: `No namespace can be made: user.max_net_namespaces = ${net}, user.max_user_namespaces = ${user}.`,
      read,
      fix: ["sysctl -w user.max_net_namespaces=1000"],
    });
  },
  advice: "`sockwarden doctor --prove` and drills need them; scanning, banning and evicting do not.",
  source: "namespaces(7), user_namespaces(7)",
};

export const HOST_CHECKS: readonly DoctorCheck[] = [LOG_DISK, ...CAPABILITIES, CONNTRACK, NAMESPACES];
