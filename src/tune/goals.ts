// The settings that a plan may write. Each has its wanted value, the other values that may stay, the reason, and when a
// change bites. The wanted value is the settings' own recommendation, unless a formula stands here. A setting without a
// goal is never written.

import {
  advisedNumbers,
  KEEPALIVE_KEYS,
  type Keepalive,
  keepaliveWith,
  lookupIn,
  numbersOf,
  orphanSeconds,
  readKeepalive,
  retransmissionSeconds,
  rtoMaxMs,
  type TuneProfile,
} from "../settings/index.ts";
import type { TuneFacts } from "./facts.ts";
import { judgeHere } from "./judged.ts";
import { conntrackFor, somaxconnFor } from "./sizing.ts";

export interface PlanInputs {
  readonly profile: TuneProfile;
  readonly connections: number;
  readonly perSecond: number;
  readonly facts: TuneFacts;
}

type Numbers = readonly number[];

export interface SettingGoal {
  readonly name: string;
  /** Null to leave it alone. */
  readonly want: (inputs: PlanInputs) => Numbers | null;
  /** Whether the live value is right already, or better. */
  readonly fine: (live: Numbers, want: Numbers, inputs: PlanInputs) => boolean;
  /** Why a value that is judged "adjust" may stay all the same. */
  readonly stays?: string;
  readonly why: (want: Numbers, inputs: PlanInputs) => string;
  readonly bites: string;
  /** Of the change, not of the setting. */
  readonly risk: string;
}

const AT_ONCE = "at once, for existing connections too";
const NEXT_ARMING =
  "when a connection's keepalive timer is next set: one that is idle now waits its old time out first";
const NEW_SOCKETS = "for new connections";

const equal = (live: Numbers, want: Numbers): boolean => live.join() === want.join();
const inRange =
  (low: Numbers[number], high: Numbers[number]) =>
  (live: Numbers): boolean =>
    live[0]! >= low && live[0]! <= high;
const atLeast = (live: Numbers, want: Numbers): boolean => live[0]! >= want[0]!;

/** A goal leaves a value alone only where the judgement of `settings`, among other settings, finds nothing to change. */
export function mayStay(
  goal: SettingGoal,
  { value, want }: { readonly value: string; readonly want: Numbers },
  inputs: PlanInputs,
  among: TuneFacts = inputs.facts,
): boolean {
  const numbers = numbersOf(value);
  if (numbers.length === 0 || !goal.fine(numbers, want, inputs)) return false;
  const judged = judgeHere({ what: goal.name, value, place: "live" }, among, inputs.profile);
  if (judged === null || judged.verdict === "keep" || judged.verdict === "no-op") return true;
  return judged.verdict === "adjust" && goal.stays !== undefined;
}

/** The live numbers of a setting; none where it is absent. */
export function liveNumbers({ live }: TuneFacts, name: string): number[] {
  return numbersOf(live.get(name));
}

const longestMs = (facts: TuneFacts): number => rtoMaxMs(lookupIn(facts.live));

function goal(
  name: string,
  rest: Omit<SettingGoal, "name" | "want" | "fine"> & Partial<SettingGoal>,
): SettingGoal {
  return { name, want: ({ profile }) => advisedNumbers(name, profile), fine: equal, ...rest };
}

function keepaliveGoal(name: string, risk: string): SettingGoal {
  return goal(name, {
    fine: (live, want, inputs) => equal(live, want) || keepaliveIsBetter(inputs),
    why: keepaliveWhy,
    bites: NEXT_ARMING,
    risk,
  });
}

function advisedKeepalive(profile: TuneProfile): Keepalive {
  const [time, interval, probes] = KEEPALIVE_KEYS.map((name) => advisedNumbers(name, profile)![0]!);
  return keepaliveWith({ time: time!, interval: interval!, probes: probes! });
}

/**
 * Whether live keepalive notices a dead peer no later than advised, has no less patience, and probes at most twice as
 * often.
 */
function keepaliveIsBetter({ profile, facts }: PlanInputs): boolean {
  const [is, want] = [readKeepalive(lookupIn(facts.live)), advisedKeepalive(profile)];
  return (
    is !== null && is.detection <= want.detection && is.outage >= want.outage && is.time >= want.time / 2
  );
}

function keepaliveWhy(_want: Numbers, { profile, facts }: PlanInputs): string {
  const { time, interval, probes, detection } = advisedKeepalive(profile);
  const now = readKeepalive(lookupIn(facts.live));
  const instead = now === null ? "" : ` instead of ${now.detection} s`;
  return `a peer that is gone is noticed after ${time} + ${interval} x ${probes} = ${detection} s${instead}, where the program sets SO_KEEPALIVE`;
}

/** The gap that unacknowledged data must outlast: a tunnel or a lift for phones, the 100 s of RFC 1122 for all. */
const PATIENCE_SECONDS = { mobile: 200, trunk: 100, churn: 100 } as const;

/** The recommendation is for the kernel's longest timeout of 120 s; with a lower one it takes more retries. */
function wantedRetries({ profile, facts }: PlanInputs): Numbers | null {
  const longest = longestMs(facts);
  if (longest >= 120_000) return advisedNumbers("net.ipv4.tcp_retries2", profile);
  let n = 8;
  while (retransmissionSeconds(n, longest) < PATIENCE_SECONDS[profile] && n < 255) n++;
  return [n];
}

function wantedPorts({ profile }: PlanInputs): Numbers | null {
  return advisedNumbers("net.ipv4.ip_local_port_range", profile);
}

/** Listening ports that a wider range would give away to outbound connections when their server restarts. */
export function portsToReserve(inputs: PlanInputs): number[] {
  const want = wantedPorts(inputs);
  const live = liveNumbers(inputs.facts, "net.ipv4.ip_local_port_range");
  if (want === null || live.length === 0 || coversPorts(live, want)) return [];
  return inputs.facts.listeningPorts.filter((port) => port >= want[0]! && port < live[0]!);
}

function coversPorts(live: Numbers, want: Numbers): boolean {
  return live[0]! <= want[0]! && live[1]! >= want[1]!;
}

function bufferGoal(name: string, why: string): SettingGoal {
  return goal(name, {
    fine: (live, want) => live.at(-1)! <= want.at(-1)!,
    stays: "a buffer that is smaller than advised bounds what a peer can hold even more",
    why: () => why,
    bites: NEW_SOCKETS,
    risk: "less throughput for a single large transfer over a long path",
  });
}

/** In the order in which they are written. */
export const GOALS: readonly SettingGoal[] = [
  keepaliveGoal(
    "net.ipv4.tcp_keepalive_time",
    "more probes: connections / time a second, each of which wakes a sleeping radio",
  ),
  keepaliveGoal(
    "net.ipv4.tcp_keepalive_intvl",
    "a live peer must answer within interval x probes, or it is cut",
  ),
  keepaliveGoal(
    "net.ipv4.tcp_keepalive_probes",
    "a live peer must answer within interval x probes, or it is cut",
  ),
  goal("net.ipv4.tcp_retries2", {
    want: wantedRetries,
    fine: (live, want, { profile, facts }) =>
      live[0]! <= want[0]! && retransmissionSeconds(live[0]!, longestMs(facts)) >= PATIENCE_SECONDS[profile],
    why: ([n], { facts }) =>
      `unacknowledged data to a dead peer is given up after ${retransmissionSeconds(n!, longestMs(facts)).toFixed(0)} s; ` +
      "far less would cut live ones in a tunnel, more keeps dead ones",
    bites: AT_ONCE,
    risk: "it holds for every connection of the machine, ssh and databases too",
  }),
  goal("net.ipv4.tcp_orphan_retries", {
    want: ({ profile, facts }) => {
      const most = liveNumbers(facts, "net.ipv4.tcp_max_orphans")[0];
      const many = facts.orphans !== null && most !== undefined && facts.orphans > most / 2;
      return profile === "churn" ? [many ? 4 : 0] : advisedNumbers("net.ipv4.tcp_orphan_retries", profile);
    },
    fine: (live, want) => live[0] === want[0] || inRange(4, 8)(live),
    why: ([n]) =>
      `the last message of a closed connection is tried for ${orphanSeconds(n!).toFixed(0)} s; with 1 it is lost after 1.6 s, and nothing is gained: closed connections hold no descriptor`,
    bites: AT_ONCE,
    risk: "closed connections to dead peers are remembered longer; the kernel bounds them by tcp_max_orphans",
  }),
  goal("net.ipv4.tcp_fin_timeout", {
    fine: (live, want) => inRange(want[0]! / 2, want[0]!)(live),
    why: ([n]) =>
      `a connection closed here and not there goes after ${n} s; above 60 s it would keep its whole socket`,
    bites: "at the next close",
    risk: "a peer that closes later than that is answered with a reset",
  }),
  goal("net.ipv4.tcp_syn_retries", {
    why: () => "how long this host tries to connect out before it says that a peer is not there",
    bites: "at once, for new connections to others",
    risk: "with more, programs wait longer for a peer that is not there; with fewer, a short fault of a route fails the call",
  }),
  goal("net.ipv4.tcp_synack_retries", {
    fine: (live, want) => inRange(3, want[0]!)(live),
    why: ([n]) => `unfinished handshakes go after ${2 ** (n! + 1) - 1} s`,
    bites: AT_ONCE,
    risk: "a client on a very bad line has fewer chances; its own repeats bring more",
  }),
  goal("net.ipv4.tcp_retries1", {
    fine: atLeast,
    why: () => "when routing is asked to look again for another way; it closes nothing",
    bites: AT_ONCE,
    risk: "none",
  }),
  goal("net.ipv4.tcp_syncookies", {
    why: () => "answers a flood of half-open connections without storing them",
    bites: AT_ONCE,
    risk: "none; under a flood some clients lose window scaling",
  }),
  goal("net.ipv4.tcp_timestamps", {
    why: () => "round-trip times, old duplicates, and what a SYN cookie can remember rest on it",
    bites: NEW_SOCKETS,
    risk: "none; 12 bytes in each segment",
  }),
  goal("net.ipv4.tcp_abort_on_overflow", {
    why: () =>
      "a burst that fills the accept queue recovers by itself; a reset would turn it into a storm of reconnects",
    bites: AT_ONCE,
    risk: "none; clients of a full queue try again by themselves",
  }),
  goal("net.ipv4.tcp_mtu_probing", {
    fine: (live, want) => live[0]! >= want[0]!,
    why: () =>
      "cures paths on which short messages pass and long ones never arrive (VPN, PPPoE, some carriers)",
    bites: AT_ONCE,
    risk: "slightly smaller segments after repeated loss",
  }),
  goal("net.ipv4.tcp_tw_reuse", {
    // Linux knows 2 (loopback only) since 4.19. Before that, 0 comes nearest and is the default.
    want: ({ profile, facts }) => {
      const value = advisedNumbers("net.ipv4.tcp_tw_reuse", profile);
      return value?.[0] === 2 && isOlder(facts, 4, 19) ? null : value;
    },
    fine: (live, want) => live[0] === want[0] || (want[0] === 2 && live[0] === 1),
    why: () => "connections that this host opens may take a local port again one second after its last use",
    bites: "at the next connection to others",
    risk: "low; it needs timestamps on both ends",
  }),
  goal("net.core.somaxconn", {
    want: ({ profile, perSecond }) => [somaxconnFor(profile, perSecond)],
    fine: atLeast,
    stays: "a queue that is longer than needed is only a cap",
    why: ([n]) =>
      `up to ${n} connections may wait to be accepted, so that a restart's wave of reconnects is not refused; the program must ask for as many`,
    bites: "when the program listens again: restart it",
    risk: "a long queue hides a program that does not accept: its clients wait and time out, up to 4.2 KiB each",
  }),
  bufferGoal(
    "net.ipv4.tcp_rmem",
    "bounds what one peer can park unread here; idle connections take nothing either way",
  ),
  bufferGoal("net.ipv4.tcp_wmem", "bounds what one peer that reads nothing can hold here"),
  goal("net.ipv4.ip_local_port_range", {
    want: wantedPorts,
    fine: coversPorts,
    why: ([from, to]) =>
      `${to! - from! + 1} ports instead of 28232 for connections to one address and port, as a proxy opens them`,
    bites: "at the next connection to others",
    risk: "a server that starts later may find its port in use; name its port in ip_local_reserved_ports",
  }),
  goal("net.netfilter.nf_conntrack_max", {
    want: ({ profile, connections, perSecond }) => asNumbers(conntrackFor(profile, connections, perSecond)),
    fine: atLeast,
    why: ([n]) => `the tracker holds ${n} flows; when it is full new connections are dropped without a word`,
    bites: AT_ONCE,
    risk: "264 bytes of memory for each entry in use",
  }),
  goal("net.netfilter.nf_conntrack_buckets", {
    want: ({ profile, connections, perSecond }) => asNumbers(conntrackFor(profile, connections, perSecond)),
    fine: atLeast,
    stays: "longer lists of a larger table cost time, and no connection",
    why: () => "with as many buckets as entries, looking one up is short; 8 bytes each",
    bites: AT_ONCE,
    risk: "a short pause while the table is rebuilt",
  }),
  goal("net.netfilter.nf_conntrack_tcp_timeout_established", {
    fine: (live, want, { profile }) =>
      profile === "churn" ? inRange(want[0]!, 86_400)(live) : equal(live, want),
    why: ([n]) =>
      `dead flows are forgotten after ${n} s; it must stay above keepalive's total and every heartbeat, or live ones are swallowed`,
    bites: "at each flow's next packet",
    risk: "a flow that is idle for longer, without keepalive or heartbeat, is forgotten and may be swallowed by the firewall",
  }),
  goal("net.netfilter.nf_conntrack_tcp_loose", {
    why: () => "connections that stand live through a reload of the firewall",
    bites: AT_ONCE,
    risk: "a flow may be picked up in its middle, which rules that insist on SYN still refuse",
  }),
];

function asNumbers(n: number | null): Numbers | null {
  return n === null ? null : [n];
}

function isOlder({ kernel }: TuneFacts, major: number, minor: number): boolean {
  return kernel.major < major || (kernel.major === major && kernel.minor < minor);
}
