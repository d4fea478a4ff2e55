// Memory that TCP's buffers take.

import { bytesText } from "../../model/index.ts";
import { numbersOf } from "../../settings/index.ts";
import { type DoctorCheck, failed, ok, unknown } from "../check.ts";
import { readOf } from "./about-sysctls.ts";
import { judgeRising, meanwhile, sumOf } from "./counters.ts";

const MEMORY: DoctorCheck = {
  id: "tcp-memory",
  severity: "warning",
  about: "TCP buffers above tcp_mem's first mark",
  reads: "/proc/net/sockstat mem, /proc/sys/net/ipv4/tcp_mem",
  judge: (facts) => {
    const pages = facts.sockstat.get("TCP.mem");
    const [low, , high] = numbersOf(facts.sysctls.get("net.ipv4.tcp_mem"));
    if (pages === undefined) return unknown("/proc/net/sockstat could not be read");
    if (low === undefined) return ok("tcp_mem is the host's and not seen in this namespace");
    const read = [
      `/proc/net/sockstat: TCP mem ${pages} pages`,
      readOf("net.ipv4.tcp_mem", facts.sysctls.get("net.ipv4.tcp_mem")),
    ];
    const held = bytesText(pages * facts.pageBytes);
    if (pages <= low) return ok(`TCP buffers take ${held}`, read);
    return failed({
      severity: pages > (high ?? Infinity) ? "critical" : "warning",
      text: `TCP buffers take ${held}, above the first mark of ${bytesText(low * facts.pageBytes)}: data waits that peers or programs do not take.`,
      read,
      fix: [
        "ss -tnm state established: the largest Recv-Q (the program does not read) and Send-Q (the peer does not)",
      ],
    });
  },
  advice:
    "Find the connections with much queued data; idle ones take none. Lower the last number of tcp_rmem and tcp_wmem rather than raise tcp_mem.",
  source: "net/ipv4/tcp.c, net/core/sock.c",
};

const PRESSURE: DoctorCheck = {
  id: "tcp-memory-pressure",
  severity: "warning",
  about: "data dropped or connections reset for want of memory",
  reads: "/proc/net/netstat TCPMemoryPressures, PruneCalled, RcvPruned, TCPRcvQDrop, TCPAbortOnMemory, twice",
  samples: true,
  judge: (facts) =>
    judgeRising(
      facts,
      ["TCPMemoryPressures", "PruneCalled", "RcvPruned", "TCPRcvQDrop", "TCPAbortOnMemory"].map(
        (name) => `TcpExt.${name}`,
      ),
      (risen) => ({
        text: `Memory for TCP runs short (${sumOf(risen)} times ${meanwhile(facts)}: ${risen.map(({ name }) => name.slice(7)).join(", ")}).`,
      }),
      "no data was dropped for want of memory",
    ),
  advice:
    "The limit of tcp_mem or of a control group is reached, or one socket's buffer. Lower the last number of tcp_rmem and tcp_wmem; a higher tcp_mem only moves the wall.",
  source: "net/ipv4/tcp_input.c, tcp.c",
};

export const MEMORY_CHECKS: readonly DoctorCheck[] = [MEMORY, PRESSURE];
