// Judges sysctl values for a server with long-lived connections. Each setting has one judge, the same for a live value
// and for a line in a file. The reasons are in tcp-settings.json.

import { bytesText, percent, secondsText } from "../model/index.ts";
import { NR_OPEN_USUAL } from "./descriptor-limits.ts";
import type { TuneProfile } from "./known-settings.ts";
import { numberOf, numbersOf, withValue } from "./sysctl-values.ts";
import {
  KEEPALIVE_KEYS,
  keepaliveOf,
  orphanSeconds,
  RTO_MAX_MS_RANGE,
  retransmissionSeconds,
  rtoMaxMs,
} from "./tcp-clocks.ts";
import type { ValueContext, ValueJudge, ValueJudgement } from "./value-judgement.ts";

const keep = (text: string): ValueJudgement => ({ verdict: "keep", text });
const adjust = (text: string): ValueJudgement => ({ verdict: "adjust", text });
const wrong = (text: string): ValueJudgement => ({ verdict: "wrong", text });
const dangerous = (text: string): ValueJudgement => ({ verdict: "dangerous", text });
const noOp = (text: string): ValueJudgement => ({ verdict: "no-op", text });

/** RFC 1122, section 4.2.3.5: unacknowledged data gets at least this long. */
const RETRY_SECONDS_LEAST = 100;
/** A radio gap that the last message of a closed connection must outlive, on any network. */
const ORPHAN_SECONDS_LEAST = 6;
/** RFC 5382, section 5: a firewall remembers an idle connection at least for 2 h 4 min. */
const FLOW_SECONDS_LEAST = 7440;
/** The kernel's own tcp_mem ends at a tenth of the memory. */
const TCP_MEM_SHARE_MOST = 0.25;
const TCP_MEM_SHARE_LEAST = 0.02;
const ORPHANS_LEAST = 4096;
/** Below this no machine holds its own open files. */
export const FILE_MAX_LEAST = 65_536;
const EHASH_DIVISOR = 2;

const between = (value: number, [least, most]: readonly [number, number]): boolean =>
  value >= least && value <= most;

const KEEPALIVE_TIME: Readonly<Record<TuneProfile, readonly [number, number]>> = {
  mobile: [240, 900],
  trunk: [20, 120],
  churn: [30, 300],
};
const SYN_RETRIES: Readonly<Record<TuneProfile, readonly [number, number]>> = {
  mobile: [5, 6],
  trunk: [4, 6],
  churn: [4, 6],
};

const JUDGES: Readonly<Record<string, ValueJudge>> = {
  "fs.file-max": ([value = 0], { place }) => {
    if (value < FILE_MAX_LEAST) {
      return dangerous(
        `it is the limit of all processes together, not of one: at ${value} every process without root's rights is refused files (ENFILE) at once; set LimitNOFILE of the unit instead`,
      );
    }
    if (place === "live") return keep("room for every process");
    return wrong(
      "the kernel and systemd set it higher than anybody needs; a process's own limit is LimitNOFILE",
    );
  },
  "fs.nr_open": ([value = 0]) => {
    const text = "no process, not even root's, may have a limit above it";
    if (value < FILE_MAX_LEAST) return dangerous(`${text}, and logins with a higher one are refused`);
    return value < NR_OPEN_USUAL
      ? wrong(`it is below the kernel's ${NR_OPEN_USUAL}, and ${text}`)
      : keep("the ceiling of every process's limit");
  },
  "net.ipv4.tcp_keepalive_time": ([value = 0], context) => {
    const { detection } = keepaliveOf(withValue(context.lookup, "net.ipv4.tcp_keepalive_time", value));
    const [least, most] = KEEPALIVE_TIME[context.profile];
    if (value < least)
      return adjust(`first probe after ${secondsText(value)}: it wakes every idle peer that often`);
    if (value > most) {
      return adjust(
        `first probe after ${secondsText(value)}: a peer that has vanished holds its descriptor for ${secondsText(detection)}`,
      );
    }
    return keep(`a peer that has vanished is noticed after ${secondsText(detection)}`);
  },
  "net.ipv4.tcp_keepalive_intvl": ([value = 0]) =>
    between(value, [5, 75])
      ? keep("a usual gap between probes")
      : adjust("probes are 5 to 75 s apart in practice"),
  "net.ipv4.tcp_keepalive_probes": ([value = 0]) => {
    if (value < 4)
      return adjust(`${value} probes lost in a row are normal on a radio link; they cut a living client`);
    return value > 12 ? adjust("so many probes keep dead peers for long") : keep("enough for a bad link");
  },
  "net.ipv4.tcp_retries2": ([value = 0], { lookup }) => {
    const seconds = retransmissionSeconds(value, rtoMaxMs(lookup));
    const text = `data may stay unacknowledged for ${secondsText(seconds)}`;
    if (seconds < RETRY_SECONDS_LEAST) {
      return dangerous(
        `${text}, of every connection here, ssh and databases too; a lift or a tunnel takes longer. RFC 1122 asks for 100 s`,
      );
    }
    return seconds > 600
      ? adjust(`${text}: a peer that vanished in the middle of a message holds its descriptor as long`)
      : keep(text);
  },
  "net.ipv4.tcp_retries1": ([value = 0]) =>
    value < 3
      ? adjust("it only asks for another route, and 3 is the default")
      : keep("it only asks for another route"),
  "net.ipv4.tcp_orphan_retries": ([value = 0], { lookup, profile }) => {
    if (value === 0) return keep("the default, which acts as 8");
    const seconds = orphanSeconds(value, rtoMaxMs(lookup));
    const text = `the last message and the FIN are given up after ${secondsText(seconds)}`;
    if (seconds < ORPHAN_SECONDS_LEAST) {
      return dangerous(
        `${text}, and the client goes on believing in its connection; closed sockets hold no descriptor, so nothing is gained`,
      );
    }
    return seconds < 50 && profile !== "churn" ? adjust(text) : keep(text);
  },
  "net.ipv4.tcp_fin_timeout": ([value = 0]) => {
    if (value > 60) return adjust("above 60 s a whole socket is kept in place of a small record");
    return value < 15
      ? adjust("a late FIN is answered with a reset")
      : keep(value < 60 ? "harmless, and a small gain" : "the default");
  },
  "net.ipv4.tcp_syn_retries": ([value = 0], { profile }) => {
    const [least, most] = SYN_RETRIES[profile];
    return between(value, [least, most])
      ? keep("for connections that this host opens itself")
      : adjust(
          `only connections that this host opens itself; ${value < least ? "a short outage of the route fails them" : "they wait for long"}`,
        );
  },
  "net.ipv4.tcp_synack_retries": ([value = 0]) => {
    if (value < 2) return wrong("clients on a bad link cannot connect");
    return value > 5
      ? adjust("unfinished handshakes stay for minutes")
      : keep(`an unfinished handshake is given up after ${secondsText(2 ** (value + 1) - 1)}`);
  },
  "net.ipv4.tcp_syn_linear_timeouts": () =>
    keep("some more tries of connections that this host opens itself"),
  "net.ipv4.tcp_rto_max_ms": ([value = 0], { lookup }) => {
    if (!between(value, RTO_MAX_MS_RANGE))
      return wrong(`the kernel takes ${RTO_MAX_MS_RANGE.join(" to ")} only and refuses it`);
    const retries = numberOf(lookup, "net.ipv4.tcp_retries2", 15);
    const seconds = retransmissionSeconds(retries, value);
    return seconds < RETRY_SECONDS_LEAST
      ? dangerous(
          `with tcp_retries2 = ${retries} data may stay unacknowledged for ${secondsText(seconds)} only`,
        )
      : keep(`with tcp_retries2 = ${retries} data may stay unacknowledged for ${secondsText(seconds)}`);
  },
  "net.ipv4.tcp_rto_min_us": ([value = 0]) =>
    value < 200_000
      ? adjust("on mobile links it resends what was not lost")
      : keep("the floor of the retransmission timer"),
  "net.ipv4.tcp_syncookies": ([value = 0]) => {
    if (value === 0) return wrong("a SYN flood then shuts unknown peers out");
    return value === 2
      ? wrong("for tests: every handshake loses its options")
      : keep("helps against unfinished handshakes, not against connections that are held");
  },
  "net.ipv4.tcp_max_syn_backlog": ([value = 0], { lookup }) => {
    if (numberOf(lookup, "net.ipv4.tcp_syncookies", 1) !== 0) {
      return noOp(
        "not read while tcp_syncookies is on: the program's listen backlog and somaxconn bound the queue",
      );
    }
    return value < 1024
      ? wrong("with tcp_syncookies off, unknown peers are refused above three quarters of it")
      : keep("read because tcp_syncookies is off");
  },
  "net.core.somaxconn": ([value = 0]) => {
    if (value < 1024)
      return wrong("it cuts every program's accept queue; 4096 is the default since Linux 5.4");
    if (value < 4096) return adjust("4096 is the default since Linux 5.4");
    return value > 16_384
      ? adjust(
          "it is only a cap: programs ask for 100 to 1024 themselves, and a queue that long hides a program that does not accept",
        )
      : keep("programs ask for less themselves, and take it up when they are restarted");
  },
  "net.ipv4.tcp_abort_on_overflow": ([value = 0]) =>
    value === 0
      ? keep("a burst recovers by the clients' next try")
      : wrong("a short stall becomes a storm of reconnects"),
  "net.ipv4.tcp_migrate_req": () => keep("for workers that share a port with SO_REUSEPORT"),
  "net.core.netdev_max_backlog": ([value = 0]) =>
    value < 1000
      ? wrong("below the default of 1000")
      : noOp("a queue of packets, used by RPS, loopback and veth only; nothing to do with connections"),
  "net.ipv4.tcp_timestamps": ([value = 0]) => {
    if (value === 0) return wrong("tcp_tw_reuse stops working and SYN cookies lose their options");
    return value === 2
      ? adjust("2 tells everybody the machine's uptime")
      : keep("needed for protection against old segments");
  },
  "net.ipv4.tcp_tw_recycle": ([value = 0]) => ({
    verdict: "obsolete",
    text:
      value === 0
        ? "removed in Linux 4.12: `sysctl -p` ends with exit code 1 because of it"
        : "removed in Linux 4.12; before, it dropped clients that share one NAT address",
  }),
  "net.ipv4.tcp_max_tw_buckets": ([value = 0], { place, lookup }) => {
    const usual = numberOf(lookup, "net.ipv4.tcp_ehash_entries", 0) / EHASH_DIVISOR;
    if (place === "file") {
      return value < 262_144
        ? wrong(
            "a fixed default of Linux 2.6: it lowers the limit on machines above 32 GB, and does nothing against a shortage of ports",
          )
        : keep("not below the default of any machine");
    }
    return value < usual
      ? wrong(`below this machine's default of ${usual}`)
      : keep("this machine's default or more");
  },
  "net.ipv4.tcp_tw_reuse": ([value = 0], { profile }) =>
    value === 0 && profile !== "mobile"
      ? adjust("a host that opens many connections itself runs out of ports")
      : keep("only for connections that this host opens itself"),
  "net.ipv4.tcp_tw_reuse_delay": ([value = 0]) =>
    value < 1000 ? wrong("shorter than a peer's timestamp tick") : keep("the default is 1000 ms"),
  "net.ipv4.ip_local_port_range": ([first = 0, last = 0], { profile }) => {
    const width = last - first + 1;
    if (width < 28_000)
      return wrong(
        `${width} ports a destination for connections that this host opens itself; 28232 is the default`,
      );
    return profile === "churn" && width < 40_000
      ? adjust(`a proxy has ${width} ports a destination`)
      : keep(`${width} ports a destination for connections that this host opens itself`);
  },
  "net.ipv4.tcp_mem": ([low = 0, pressure = low, high = pressure], { place, memoryBytes, pageBytes }) => {
    const size = [low, pressure, high].map((pages) => bytesText(pages * pageBytes)).join(" / ");
    if (memoryBytes === null) {
      return place === "live"
        ? keep(size)
        : dangerous(
            `the unit is pages: ${size} whatever memory the machine has. The kernel computes 5, 6 and 9 % of memory at boot`,
          );
    }
    const bytes = high * pageBytes;
    const part = percent(bytes, memoryBytes);
    if (bytes > TCP_MEM_SHARE_MOST * memoryBytes) {
      return dangerous(
        `the unit is pages: TCP may take ${part} of memory (${size}) before the kernel holds it back, and idle connections take none`,
      );
    }
    return bytes < TCP_MEM_SHARE_LEAST * memoryBytes
      ? wrong(`TCP is held back at ${size}`)
      : keep(`TCP is held back at ${part} of memory`);
  },
  "net.ipv4.tcp_max_orphans": ([value = 0], { place, lookup }) => {
    const usual = numberOf(lookup, "net.ipv4.tcp_ehash_entries", 0) / EHASH_DIVISOR;
    if (value < ORPHANS_LEAST || (place === "live" && value < usual / 2)) {
      const than = place === "live" && usual > 0 ? `below this machine's default of ${usual}` : "so few";
      return wrong(`${than}: a close with unsent data becomes a reset, and the data is lost`);
    }
    return place === "file"
      ? adjust("the kernel computes it from memory; a lower number resets connections at close")
      : keep("this machine's default");
  },
  "net.ipv4.tcp_rmem": (values, { profile }) =>
    judgeBuffer(values, profile === "mobile" ? 8 * 2 ** 20 : 64 * 2 ** 20, 65_536),
  "net.ipv4.tcp_wmem": (values) => judgeBuffer(values, 64 * 2 ** 20, 16_384),
  "net.core.rmem_max": () => noOp("bounds explicit SO_RCVBUF only; TCP does not read it"),
  "net.core.wmem_max": () => noOp("bounds explicit SO_SNDBUF only; TCP does not read it"),
  "net.core.optmem_max": () => noOp("ancillary data, not connections"),
  "net.ipv4.tcp_mtu_probing": ([value = 0], { profile }) =>
    profile === "mobile" && value === 0
      ? adjust(
          "1 saves connections in whose path large packets vanish: small messages pass, a long one never arrives",
        )
      : keep(
          value === 0 ? "not needed on known links" : "saves connections in whose path large packets vanish",
        ),
  "net.ipv4.tcp_challenge_ack_limit": ([value = 0]) =>
    value < 1000
      ? adjust("so low a limit can be used to tell who is connected")
      : keep("high enough to tell nobody anything"),
  "net.netfilter.nf_conntrack_max": ([value = 0]) => {
    if (value < 65_536) return wrong("at the limit every new connection is dropped");
    return value < 262_144
      ? adjust("room for twice the connections of the peak is advised, 262144 at least")
      : keep("room for a quarter of a million flows or more");
  },
  "net.netfilter.nf_conntrack_buckets": ([value = 0], { lookup }) => {
    const most = numberOf(lookup, "net.netfilter.nf_conntrack_max", value);
    return most > 4 * value
      ? adjust(`for a table of ${most} entries the lists grow long`)
      : keep("fits the table");
  },
  "net.netfilter.nf_conntrack_tcp_timeout_established": ([value = 0], { lookup, place }) => {
    if (value < FLOW_SECONDS_LEAST) {
      return dangerous(
        "it is below the 2 h 4 min of RFC 5382: the firewall forgets live, quiet connections and then swallows them",
      );
    }
    const { detection } = keepaliveOf(lookup);
    // A file that leaves keepalive alone does not tell what keepalive is where the file goes.
    const told = place === "live" || KEEPALIVE_KEYS.some((key) => lookup(key) !== undefined);
    return told && value <= detection
      ? dangerous(
          `not above keepalive's total of ${secondsText(detection)}: the firewall forgets quiet connections and then swallows them`,
        )
      : keep(`an idle flow is remembered for ${secondsText(value)}`);
  },
  "net.netfilter.nf_conntrack_tcp_loose": ([value = 0]) =>
    value === 0
      ? wrong("a firewall reload cuts every connection")
      : keep("connections outlive a firewall reload"),
};

function judgeBuffer(
  [, usual = 0, most = 0]: readonly number[],
  ceiling: number,
  least: number,
): ValueJudgement {
  if (usual < least) return adjust(`a default buffer of ${bytesText(usual)} slows long paths`);
  return most > ceiling
    ? adjust(
        `one client may make the kernel hold ${bytesText(most)}; idle connections take nothing either way`,
      )
    : keep(`one connection may hold ${bytesText(most)} at most`);
}

/** Judges a value as text. Null where nothing is known of the key. */
export function judgeValue(key: string, text: string, context: ValueContext): ValueJudgement | null {
  if (/^net\.ipv4\.conf\..+\.rp_filter$/.test(key)) return judgeReversePath(numbersOf(text)[0] ?? 0);
  const judge = Object.hasOwn(JUDGES, key) ? JUDGES[key] : undefined;
  if (judge === undefined) return null;
  const values = numbersOf(text);
  return values.length === 0 ? wrong(`"${text}" is no number`) : judge(values, context);
}

function judgeReversePath(value: number): ValueJudgement {
  return value === 1
    ? adjust(
        "strict: a client whose packets come by another way than the answers go is dropped without a word; 2 is loose",
      )
    : keep(value === 2 ? "loose" : "off");
}

/** The keys that are judged by name; beside them are those of the reverse path filter. */
export const JUDGED_KEYS: readonly string[] = Object.keys(JUDGES);
