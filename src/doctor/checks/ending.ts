// Connections on their way out, and the clocks that end them.

import { secondsText } from "../../model/index.ts";
import { keepaliveOf, lookupIn, numberOf } from "../../settings/index.ts";
import { type DoctorCheck, failed, ok, unknown } from "../check.ts";
import { liveNumber, readOf, sysctlFix } from "./about-sysctls.ts";
import { judgeRising, meanwhile, riseOf, sumOf } from "./counters.ts";

const ORPHANS: DoctorCheck = {
  id: "orphans",
  severity: "warning",
  about: "closed sockets that still have data to send, more than half of tcp_max_orphans",
  reads: "/proc/net/sockstat orphan, /proc/sys/net/ipv4/tcp_max_orphans",
  judge: (facts) => {
    const [orphans, most] = [facts.sockstat.get("TCP.orphan"), liveNumber(facts, "net.ipv4.tcp_max_orphans")];
    if (orphans === undefined) return unknown("/proc/net/sockstat could not be read");
    if (most === null) return ok("tcp_max_orphans is the host's and not seen in this namespace");
    const read = [
      `/proc/net/sockstat: TCP orphan ${orphans}`,
      readOf("net.ipv4.tcp_max_orphans", String(most)),
    ];
    if (orphans <= most / 2) return ok(`${orphans} of ${most} orphans`, read);
    return failed({
      text: `${orphans} closed sockets still try to send, of ${most} allowed: beyond that a close becomes a reset.`,
      read,
      fix: sysctlFix(facts, "net.ipv4.tcp_orphan_retries", "4"),
    });
  },
  advice:
    "Many connections are closed towards peers that are gone. Find out what closes them; fewer retries for orphans make room.",
  source: "net/ipv4/tcp.c, tcp_timer.c; Documentation/networking/ip-sysctl.rst",
};

const TIMED_OUT: DoctorCheck = {
  id: "connections-timed-out",
  severity: "notice",
  about: "connections that the kernel ends because a peer does not answer",
  reads: "/proc/net/netstat TCPAbortOnTimeout, TCPKeepAlive, TCPTimeouts, twice",
  samples: true,
  judge: (facts) =>
    judgeRising(
      facts,
      ["TcpExt.TCPAbortOnTimeout"],
      (risen) => {
        const probes = riseOf(facts, "TcpExt.TCPKeepAlive")?.rise ?? 0;
        const timeouts = riseOf(facts, "TcpExt.TCPTimeouts")?.rise ?? 0;
        return {
          text: `The kernel ended ${sumOf(risen)} connections ${meanwhile(facts)} because their peers did not answer (meanwhile ${probes} keepalive probes, ${timeouts} retransmissions).`,
        };
      },
      "the kernel has ended no connection for want of an answer",
    ),
  advice:
    "A few are normal with mobile clients. Many, with retransmissions, hint at clocks too short for this network: see net.ipv4.tcp_retries2 and keepalive-outage.",
  source: "net/ipv4/tcp_timer.c",
};

const OUTAGE_LEAST = { mobile: 150, trunk: 30, churn: 30 } as const;

const OUTAGE: DoctorCheck = {
  id: "keepalive-outage",
  severity: "warning",
  about: "keepalive probes that give up too soon for the profile's clients",
  reads: "tcp_keepalive_time, tcp_keepalive_intvl, tcp_keepalive_probes",
  judge: (facts, profile) => {
    const { interval, probes, outage, detection } = keepaliveOf(lookupIn(facts.sysctls));
    const read = ["time", "intvl", "probes"].map((part) => {
      const key = `net.ipv4.tcp_keepalive_${part}`;
      return readOf(key, facts.sysctls.get(key));
    });
    if (outage >= OUTAGE_LEAST[profile]) {
      return ok(
        `a living peer may be away for ${secondsText(outage)}; a dead one is noticed after ${secondsText(detection)}`,
        read,
      );
    }
    return failed({
      text: `${probes} probes, ${interval} s apart: a client that is away for ${secondsText(outage)} is cut, though it lives.`,
      read,
      fix: sysctlFix(
        facts,
        "net.ipv4.tcp_keepalive_probes",
        String(Math.ceil((profile === "mobile" ? 180 : 60) / Math.max(1, interval))),
      ),
    });
  },
  advice:
    "The gap times the number of probes is how long a radio link may be gone: three minutes for phones, one for trunks.",
  source: "tcp(7), net/ipv4/tcp_timer.c",
};

const TIME_WAIT: DoctorCheck = {
  id: "time-wait",
  severity: "notice",
  about: "TIME-WAIT sockets near tcp_max_tw_buckets",
  reads: "/proc/net/sockstat tw, /proc/sys/net/ipv4/tcp_max_tw_buckets; TCPTimeWaitOverflow, twice",
  samples: true,
  judge: (facts) => {
    const waiting = facts.sockstat.get("TCP.tw");
    const most = liveNumber(facts, "net.ipv4.tcp_max_tw_buckets");
    if (waiting === undefined || most === null) return unknown("TIME-WAIT sockets could not be counted");
    const overflow = riseOf(facts, "TcpExt.TCPTimeWaitOverflow")?.rise ?? 0;
    const read = [
      `/proc/net/sockstat: TCP tw ${waiting}`,
      readOf("net.ipv4.tcp_max_tw_buckets", String(most)),
    ];
    if (waiting <= 0.8 * most && overflow === 0) return ok(`${waiting} of ${most} in TIME-WAIT`, read);
    return failed({
      text: `${waiting} sockets are in TIME-WAIT, ${most} may be${overflow > 0 ? `; ${overflow} were skipped just now` : ""}.`,
      read,
      fix: sysctlFix(facts, "net.ipv4.tcp_max_tw_buckets", String(Math.max(262_144, 2 * most))),
    });
  },
  advice:
    "Connections come and go fast, and this side closes first. They hold no descriptor and 256 bytes each: let the clients close first, or raise the limit.",
  source: "net/ipv4/inet_timewait_sock.c",
};

const CONNTRACK_CLOCK: DoctorCheck = {
  id: "conntrack-timeout",
  severity: "critical",
  about: "a firewall that forgets idle connections before keepalive has asked for them",
  reads: "nf_conntrack_tcp_timeout_established, the keepalive sysctls",
  judge: (facts) => {
    const key = "net.netfilter.nf_conntrack_tcp_timeout_established";
    if (!facts.sysctls.has(key))
      return ok("conntrack is not loaded, or not in this namespace: it forgets nothing");
    const lookup = lookupIn(facts.sysctls);
    const remembered = numberOf(lookup, key, 432_000);
    const { detection } = keepaliveOf(lookup);
    const read = [readOf(key, String(remembered)), `keepalive: a dead peer is noticed after ${detection} s`];
    if (remembered > detection)
      return ok(
        `idle flows are remembered for ${secondsText(remembered)}, longer than keepalive needs`,
        read,
      );
    return failed({
      text: `The firewall forgets an idle connection after ${secondsText(remembered)}, and keepalive takes ${secondsText(detection)}: live connections will be swallowed while both ends show them as established.`,
      read,
      fix: sysctlFix(facts, key, "86400"),
    });
  },
  advice:
    "Raise the timeout above the keepalive time plus all probes, and above every heartbeat of the protocol.",
  source: "Documentation/networking/nf_conntrack-sysctl.rst, RFC 5382; measured",
};

const CONNTRACK_FULL: DoctorCheck = {
  id: "conntrack-full",
  severity: "critical",
  about: "a connection tracking table that is nearly full, or drops flows",
  reads: "nf_conntrack_count, nf_conntrack_max; /proc/net/stat/nf_conntrack drop, early_drop, twice",
  samples: true,
  judge: (facts) => {
    const [used, most] = ["count", "max"].map((part) =>
      liveNumber(facts, `net.netfilter.nf_conntrack_${part}`),
    );
    if (used == null || most == null)
      return ok("conntrack is not loaded, or not in this namespace: nothing to fill");
    const dropped = ["Conntrack.drop", "Conntrack.early_drop"].map((name) => riseOf(facts, name)?.rise ?? 0);
    const read = [readOf("nf_conntrack_count", String(used)), readOf("nf_conntrack_max", String(most))];
    const rising = dropped[0]! + dropped[1]!;
    if (used <= 0.8 * most && rising === 0) return ok(`${used} of ${most} flows are tracked`, read);
    const wanted = String(Math.max(262_144, 2 * most));
    return failed({
      text: `${used} of ${most} flows are tracked${rising > 0 ? `; ${rising} were dropped just now` : ""}: at the limit every new connection is dropped.`,
      read,
      fix: [
        ...sysctlFix(facts, "net.netfilter.nf_conntrack_max", wanted),
        `sysctl -w net.netfilter.nf_conntrack_buckets=${wanted}`,
      ],
    });
  },
  advice:
    "Raise the table and its buckets together (256 to 320 bytes a flow), or do not track the guarded ports at all.",
  source: "Documentation/networking/nf_conntrack-sysctl.rst",
};

export const ENDING_CHECKS: readonly DoctorCheck[] = [
  ORPHANS,
  TIMED_OUT,
  OUTAGE,
  TIME_WAIT,
  CONNTRACK_CLOCK,
  CONNTRACK_FULL,
];
