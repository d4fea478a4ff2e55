// Connections on their way in: the accept queue, SYNs that are dropped, SYN cookies.

import { OWN_SYSCTL_FILE } from "../../settings/index.ts";
import { type DoctorCheck, failed, ok, unknown } from "../check.ts";
import { liveNumber, readOf } from "./about-sysctls.ts";
import { judgeRising, meanwhile, readRise, riseOf, sumOf } from "./counters.ts";

const SOURCE = "net/ipv4/tcp_ipv4.c, inet_connection_sock.c; Documentation/networking/ip-sysctl.rst";

const QUEUE: DoctorCheck = {
  id: "accept-queue",
  severity: "critical",
  about: "a listener whose accept queue is more than half full",
  reads: "sock_diag: the queue of LISTEN sockets",
  judge: ({ sockets }) => {
    if (sockets === null) return unknown("the socket table could not be read");
    const full = sockets.listeners.filter(({ queue }) => queue.used > queue.limit / 2);
    if (full.length === 0) return ok(`no accept queue of ${sockets.listeners.length} listeners is half full`);
    return failed({
      text: full
        .map(
          ({ name, queue }) =>
            `${queue.used} connections wait to be accepted by ${name}, whose queue holds ${queue.limit}.`,
        )
        .join(" "),
      read: full.map(({ name, queue }) => `LISTEN ${name}: ${queue.used} of ${queue.limit}`),
    });
  },
  advice:
    "The program does not accept: it is out of descriptors (descriptors-used), stuck, or too slow. Its clients see a connection and no answer. Run `sockwarden diagnose`. A longer queue hides it and cures nothing.",
  source: SOURCE,
};

const OVERFLOWS: DoctorCheck = {
  id: "accept-queue-overflows",
  severity: "critical",
  about: "accept queues that overflow now",
  reads: "/proc/net/netstat ListenOverflows, twice",
  samples: true,
  judge: (facts) =>
    judgeRising(
      facts,
      ["TcpExt.ListenOverflows"],
      (risen) => ({
        text: `An accept queue is full: ${sumOf(risen)} SYNs and handshakes were dropped ${meanwhile(facts)}; SYN cookies do not help there.`,
      }),
      "no accept queue has overflowed",
    ),
  advice:
    "See accept-queue for which. If the program does accept, raise its own listen backlog, then net.core.somaxconn, then restart it.",
  source: SOURCE,
};

const DROPS: DoctorCheck = {
  id: "syn-drops",
  severity: "warning",
  about: "SYNs dropped for another reason than a full accept queue",
  reads: "/proc/net/netstat ListenDrops, ListenOverflows, twice",
  samples: true,
  judge: (facts) => {
    const [drops, overflows] = [riseOf(facts, "TcpExt.ListenDrops"), riseOf(facts, "TcpExt.ListenOverflows")];
    if (drops === null || overflows === null) return unknown("the kernel does not count dropped SYNs here");
    const read = [readRise(facts, drops), readRise(facts, overflows)];
    if (facts.counters.seconds === 0)
      return unknown("counters must be read twice to see them rise; use --seconds 2", read);
    const rise = drops.rise - overflows.rise;
    if (rise <= 0) return ok("no SYN is dropped but by a full accept queue", read);
    return failed({
      text: `${rise} SYNs were dropped in ${facts.counters.seconds} s although no accept queue was full.`,
      read,
    });
  },
  advice: "Look at syn-cookies (a flood, or cookies switched off) and at tcp-memory.",
  source: SOURCE,
};

const COOKIES: DoctorCheck = {
  id: "syn-cookies",
  severity: "warning",
  about: "a SYN queue that is full: a flood, or a backlog too small",
  reads: "/proc/net/netstat SyncookiesSent, SyncookiesFailed, TCPReqQFullDoCookies, TCPReqQFullDrop, twice",
  samples: true,
  judge: (facts) =>
    judgeRising(
      facts,
      [
        "TcpExt.TCPReqQFullDoCookies",
        "TcpExt.TCPReqQFullDrop",
        "TcpExt.SyncookiesSent",
        "TcpExt.SyncookiesFailed",
      ],
      (risen) => {
        const failures = risen.find(({ name }) => name.endsWith("Failed"))?.rise ?? 0;
        return {
          text: `A SYN queue is full: handshakes are answered with cookies or dropped (${sumOf(risen)} times ${meanwhile(facts)}${failures > 0 ? `, ${failures} answers to cookies were wrong: forged` : ""}).`,
        };
      },
      "no SYN queue has been full",
    ),
  advice:
    "Compare with accept-queue-overflows: together they mean that the program does not accept. Alone it is a SYN flood, or a listen backlog too small for the rate of reconnects. Never ban on SYNs: their addresses can be forged.",
  source: SOURCE,
};

const BACKLOG: DoctorCheck = {
  id: "packet-backlog",
  severity: "warning",
  about: "packets dropped because a processor's input queue is full",
  reads: "/proc/net/softnet_stat, second column, twice",
  samples: true,
  judge: (facts) =>
    judgeRising(
      facts,
      ["Softnet.drops"],
      (risen) => ({
        text: `A processor's input queue was full: ${sumOf(risen)} packets were dropped ${meanwhile(facts)}.`,
        fix: [
          `sysctl -w net.core.netdev_max_backlog=${2 * (liveNumber(facts, "net.core.netdev_max_backlog") ?? 1000)}`,
        ],
      }),
      "no packet was dropped by a full input queue",
    ),
  advice:
    "Spread the load over processors first (RPS, interrupt affinity). This is the one case for a larger net.core.netdev_max_backlog.",
  source: "net/core/dev.c, net-procfs.c",
};

const REVERSE: DoctorCheck = {
  id: "reverse-path",
  severity: "warning",
  about: "packets dropped by the reverse path filter",
  reads: "/proc/net/netstat IPReversePathFilter, twice; rp_filter",
  samples: true,
  judge: (facts) => {
    const all = facts.sysctls.get("net.ipv4.conf.all.rp_filter");
    const verdict = judgeRising(
      facts,
      ["TcpExt.IPReversePathFilter"],
      (risen) => ({
        text: `The reverse path filter dropped ${sumOf(risen)} packets ${meanwhile(facts)}: their senders come by another way than the answers go.`,
        fix: [
          `${OWN_SYSCTL_FILE}: net.ipv4.conf.all.rp_filter = 2`,
          "sysctl -w net.ipv4.conf.all.rp_filter=2",
        ],
      }),
      "the reverse path filter has dropped nothing",
    );
    return { ...verdict, read: [...(verdict.read ?? []), readOf("net.ipv4.conf.all.rp_filter", all)] };
  },
  advice:
    "If routes are asymmetric on purpose, set the filter to loose (2). The highest of all and of the interface counts.",
  source: "Documentation/networking/ip-sysctl.rst",
};

export const ACCEPTING_CHECKS: readonly DoctorCheck[] = [QUEUE, OVERFLOWS, DROPS, COOKIES, BACKLOG, REVERSE];
