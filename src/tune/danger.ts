// Values that must never be written, and values that people copy from each other though they do nothing. Each with the
// reason, for what is found in this machine's files; the dangerous ones are also the last gate before anything is written.

import type { TuneFacts } from "./facts.ts";
import { liveKeepalive, liveNumbers, rtoMaxSeconds } from "./rules.ts";
import { keepaliveSeconds, numbersOf, orphanSeconds, retransmissionSeconds, shortBytes } from "./sizing.ts";

export interface Judgement {
  readonly kind: "dangerous" | "obsolete" | "useless";
  readonly why: string;
}

/** Below this a machine runs out of files for all programs at once. */
const FILE_MAX_LEAST = 65_536;
/** RFC 1122, 4.2.3.5. */
const RETRIES2_SECONDS_LEAST = 100;
/** A radio gap that a last message must outlive. */
const ORPHAN_SECONDS_LEAST = 6;
/** The kernel's own limit is a tenth of the memory. */
const TCP_MEM_SHARE_MOST = 1 / 4;

type Judge = (numbers: readonly number[], facts: TuneFacts) => Judgement | null;

const dangerous = (why: string): Judgement => ({ kind: "dangerous", why });
const useless = (why: string): Judgement => ({ kind: "useless", why });

const JUDGES: Readonly<Record<string, Judge>> = {
  "fs.file-max": ([n]) =>
    n! < FILE_MAX_LEAST
      ? dangerous(
          "the limit of the whole machine, not of a process: every program that is not root is refused its next file; LimitNOFILE of the unit is what is meant",
        )
      : useless("systemd has set it to practically no limit; any number lowers it"),
  "fs.nr_open": ([n]) =>
    n! < FILE_MAX_LEAST ? dangerous("no process, not even root's, can have more descriptors") : null,
  "net.ipv4.tcp_mem": ([low, , high], facts) => {
    const bytes = (high ?? low!) * facts.pageBytes;
    if (facts.memoryBytes === null || bytes <= facts.memoryBytes * TCP_MEM_SHARE_MOST) return null;
    return dangerous(
      `counted in pages: ${shortBytes(bytes)} of ${shortBytes(facts.memoryBytes)} for socket buffers, so that the guard acts too late; idle connections take none of it`,
    );
  },
  "net.ipv4.tcp_retries2": ([n], facts) => {
    const seconds = retransmissionSeconds(n!, rtoMaxSeconds(facts));
    return seconds >= RETRIES2_SECONDS_LEAST
      ? null
      : dangerous(
          `cuts every connection with unacknowledged data after ${seconds.toFixed(1)} s, ssh and databases too; RFC 1122 asks for 100 s, and idle connections are not touched`,
        );
  },
  "net.ipv4.tcp_orphan_retries": ([n], facts) => {
    const seconds = orphanSeconds(n!, rtoMaxSeconds(facts));
    return seconds >= ORPHAN_SECONDS_LEAST
      ? null
      : dangerous(
          `loses the last message of a closed connection in any gap of ${seconds.toFixed(1)} s; closed connections hold no descriptor, so nothing is gained`,
        );
  },
  "net.ipv4.tcp_abort_on_overflow": ([n]) =>
    n === 0 ? null : dangerous("turns a short stall into a storm of reconnects"),
  "net.ipv4.tcp_syncookies": ([n]) =>
    n === 0 ? dangerous("a few hundred half-open connections then shut new clients out") : null,
  "net.ipv4.tcp_timestamps": ([n]) =>
    n === 0 ? dangerous("SYN cookies and the reuse of ports rest on timestamps") : null,
  "net.netfilter.nf_conntrack_tcp_timeout_established": ([n], facts) => {
    const keepalive = liveKeepalive(facts);
    if (keepalive === null) return null;
    const total = keepaliveSeconds(keepalive);
    return n! > total
      ? null
      : dangerous(
          `not above keepalive's total of ${total} s: idle connections are forgotten and then swallowed`,
        );
  },
  "net.ipv4.tcp_max_orphans": ([n]) =>
    n! < 4096 ? dangerous("closed connections with data left are reset, and the data is lost") : null,
  "net.ipv4.tcp_tw_recycle": () => ({
    kind: "obsolete",
    why: "gone since Linux 4.12: `sysctl -p` fails at this line; before, it dropped clients that share an address",
  }),
  "net.ipv4.tcp_max_syn_backlog": (_, facts) =>
    liveNumbers(facts, "net.ipv4.tcp_syncookies")?.[0] === 0
      ? null
      : useless(
          "not looked at while tcp_syncookies is on; the queue is the program's backlog, up to somaxconn",
        ),
  "net.core.netdev_max_backlog": () =>
    useless(
      "has to do with packets, not connections; only a rising column 2 of /proc/net/softnet_stat asks for it",
    ),
  "net.ipv4.tcp_max_tw_buckets": ([n]) =>
    n! <= 180_000
      ? useless(
          "180000 was the default of old kernels and lowers today's on large machines; it frees no ports",
        )
      : null,
};

/** Null where nothing is wrong with the value, or nothing is known of it. */
export function judgeValue(name: string, value: string, facts: TuneFacts): Judgement | null {
  const judge = JUDGES[name];
  const numbers = numbersOf(value);
  return judge === undefined || numbers === null ? null : judge(numbers, facts);
}

/** The settings that are judged. */
export const JUDGED: readonly string[] = Object.keys(JUDGES);
