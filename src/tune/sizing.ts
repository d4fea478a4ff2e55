// The arithmetic of many connections: the needs of a number of them, each with its formula and the numbers put in.

import { bytesText } from "../model/index.ts";
import {
  type Keepalive,
  numbersOf,
  retransmissionSeconds,
  rtoDoublings,
  type TuneProfile,
} from "../settings/index.ts";
import type { TuneFacts } from "./facts.ts";

/** One line of arithmetic. */
export interface Sum {
  readonly what: string;
  readonly formula: string;
  /** The formula with its numbers. */
  readonly numbers: string;
  readonly result: string;
  /** The meaning of the result here; null where it speaks for itself. */
  readonly meaning: string | null;
}

/** After a restart everybody comes back; RFC 5626 has clients wait 30 s and more before they try again. */
export const RECONNECT_SECONDS = 30;

/** Kernel memory of one idle connection: socket, inode, file and dentry, measured on Linux 6.18 (3.67 KiB on 6.1). */
export const SLAB_BYTES = 3942;
const EPOLL_BYTES = 128;
const CONNTRACK_BYTES = 256;
/** nf_ct_alloc_hashtable() fills whole pages of 8-byte heads. */
const CONNTRACK_BUCKETS_STEP = 512;
const CONNTRACK_LEAST = 262_144;
const SOMAXCONN_LEAST = 4096;
const REQUEST_SLAB_BYTES = 320;

export function peakPerSecond(connections: number, perSecond: number | null): number {
  return perSecond ?? Math.ceil(connections / RECONNECT_SECONDS);
}

interface DescriptorFormula {
  readonly formula: string;
  readonly least: number;
  readonly each: number;
  readonly more: number;
}

const DESCRIPTOR_FORMULAS: Readonly<Record<TuneProfile, DescriptorFormula>> = {
  mobile: { formula: "max(65536, 2 x connections + 4096)", least: 65_536, each: 2, more: 4096 },
  trunk: { formula: "max(8192, 2 x connections + 1024)", least: 8192, each: 2, more: 1024 },
  churn: { formula: "max(65536, 3 x connections)", least: 65_536, each: 3, more: 0 },
};

/** Descriptors of one process: the second of each pair for a proxy's other side, or for doubling before anybody looks. */
export function descriptorsFor(profile: TuneProfile, connections: number): number {
  const { least, each, more } = DESCRIPTOR_FORMULAS[profile];
  return Math.max(least, each * connections + more);
}

/** Connections that a listener may have waiting; null where the profile has no need of a formula. */
export function somaxconnFor(profile: TuneProfile, perSecond: number): number {
  const seconds = { mobile: 2, trunk: 0, churn: 1 }[profile];
  return Math.max(SOMAXCONN_LEAST, seconds * perSecond);
}

/** Entries of the connection tracker; null where the profile leaves the default. */
export function conntrackFor(profile: TuneProfile, connections: number, perSecond: number): number | null {
  if (profile === "trunk") return null;
  const entries = profile === "mobile" ? 2 * connections : 4 * connections + 120 * perSecond;
  const wanted = Math.max(CONNTRACK_LEAST, entries);
  return Math.ceil(wanted / CONNTRACK_BUCKETS_STEP) * CONNTRACK_BUCKETS_STEP;
}

export interface SumInputs {
  readonly profile: TuneProfile;
  readonly connections: number;
  readonly perSecond: number;
  readonly keepalive: Keepalive | null;
  readonly retries2: number | null;
  /** The longest retransmission timeout. */
  readonly rtoMaxMs: number;
  readonly facts: TuneFacts;
}

/** All sums for a number of connections, except those whose numbers nobody tells. */
export function sumsFor(inputs: SumInputs): Sum[] {
  const { connections } = inputs;
  const sums = [
    descriptorSum(inputs),
    ...(connections === 0 ? [] : [openFileSum(inputs), kernelMemorySum(inputs), tcpMemorySum(inputs)]),
    acceptQueueSum(inputs),
    conntrackSum(inputs),
    portSum(inputs),
    keepaliveSum(inputs),
    ...(connections === 0 ? [] : [probeSum(inputs)]),
    retransmissionSum(inputs),
  ];
  return sums.filter((sum) => sum !== null);
}

function descriptorSum({ profile, connections }: SumInputs): Sum {
  const { formula } = DESCRIPTOR_FORMULAS[profile];
  return {
    what: "descriptors of the server process (LimitNOFILE)",
    formula,
    numbers: formula.replace("connections", String(connections)),
    result: String(descriptorsFor(profile, connections)),
    meaning: null,
  };
}

function openFileSum({ connections, facts }: SumInputs): Sum | null {
  const most = Number(facts.live.get("fs.file-max"));
  if (facts.openFiles === null || !Number.isFinite(most) || most <= 0) return null;
  const needed = facts.openFiles + connections;
  return {
    what: "open files of the whole machine",
    formula: "open now + connections",
    numbers: `${facts.openFiles} + ${connections}`,
    result: String(needed),
    meaning: needed < most ? `fs.file-max has room: ${shortCount(most)}` : `above fs.file-max, ${most}`,
  };
}

function kernelMemorySum({ connections, facts }: SumInputs): Sum {
  const tracked = facts.live.has("net.netfilter.nf_conntrack_max");
  const each = SLAB_BYTES + EPOLL_BYTES + (tracked ? CONNTRACK_BYTES : 0);
  const bytes = each * connections;
  const tooMuch = facts.availableBytes !== null && bytes > facts.availableBytes;
  return {
    what: "kernel memory of idle connections",
    formula: `connections x (3.85 KiB + 128 B epoll${tracked ? " + 256 B conntrack" : ""})`,
    numbers: `${connections} x ${each} B`,
    result: bytesText(bytes),
    meaning:
      facts.availableBytes === null
        ? "the program's own memory comes on top"
        : `${tooMuch ? "MORE than is" : "of what is"} available: ${bytesText(facts.availableBytes)}; the program's own memory comes on top`,
  };
}

function tcpMemorySum({ connections, facts }: SumInputs): Sum | null {
  const [, pressure] = numbersOf(facts.live.get("net.ipv4.tcp_mem"));
  if (pressure === undefined) return null;
  const meaning =
    connections < pressure
      ? `buffers have room: tcp_mem's pressure is at ${pressure} pages`
      : `above tcp_mem's pressure, ${pressure} pages, if every connection has unread data at once; lower tcp_rmem's maximum rather than raise tcp_mem`;
  return {
    what: "pages of tcp_mem, a few unread bytes on every connection",
    formula: "1 page x connections (an idle connection takes none)",
    numbers: `1 x ${connections}`,
    result: `${connections} pages, ${bytesText(connections * facts.pageBytes)}`,
    meaning,
  };
}

function acceptQueueSum({ profile, perSecond }: SumInputs): Sum {
  const seconds = { mobile: "2 x ", trunk: null, churn: "" }[profile];
  const wanted = somaxconnFor(profile, perSecond);
  return {
    what: "connections waiting to be accepted (somaxconn)",
    formula: seconds === null ? "4096" : `max(4096, ${seconds}new connections per second)`,
    numbers: seconds === null ? "4096" : `max(4096, ${seconds}${perSecond})`,
    result: String(wanted),
    meaning: `a full queue takes ${bytesText(wanted * (SLAB_BYTES + REQUEST_SLAB_BYTES))}; the program's own backlog must be as large`,
  };
}

function conntrackSum({ profile, connections, perSecond, facts }: SumInputs): Sum | null {
  if (!facts.live.has("net.netfilter.nf_conntrack_max")) return null;
  const entries = conntrackFor(profile, connections, perSecond);
  if (entries === null) return null;
  const [formula, numbers] =
    profile === "mobile"
      ? ["max(262144, 2 x connections)", `max(262144, 2 x ${connections})`]
      : [
          "max(262144, 4 x connections + 120 x new per second)",
          `max(262144, 4 x ${connections} + 120 x ${perSecond})`,
        ];
  return {
    what: "entries of the connection tracker (nf_conntrack_max, and as many buckets)",
    formula: `${formula}, whole pages of buckets`,
    numbers,
    result: String(entries),
    meaning: `${bytesText(entries * (CONNTRACK_BYTES + 8))} when full`,
  };
}

function portSum({ facts }: SumInputs): Sum | null {
  const [from, to] = numbersOf(facts.live.get("net.ipv4.ip_local_port_range"));
  if (from === undefined || to === undefined) return null;
  return {
    what: "local ports for connections that this host opens, to one address and port",
    formula: "last - first + 1",
    numbers: `${to} - ${from} + 1`,
    result: String(to - from + 1),
    meaning: "accepted connections take none",
  };
}

function keepaliveSum({ keepalive }: SumInputs): Sum | null {
  if (keepalive === null) return null;
  const { time, interval, probes, detection, outage } = keepalive;
  return {
    what: "a peer that is gone is noticed after",
    formula: "keepalive time + interval x probes",
    numbers: `${time} + ${interval} x ${probes}`,
    result: `${detection} s`,
    meaning: `only where the program sets SO_KEEPALIVE; a live peer survives ${outage} s without network`,
  };
}

function probeSum({ connections, keepalive }: SumInputs): Sum | null {
  if (keepalive === null || keepalive.time <= 0) return null;
  return {
    what: "keepalive probes sent",
    formula: "connections / keepalive time",
    numbers: `${connections} / ${keepalive.time}`,
    result: `${Math.ceil(connections / keepalive.time)} packets/s`,
    meaning: null,
  };
}

function retransmissionSum({ retries2, rtoMaxMs }: SumInputs): Sum | null {
  if (retries2 === null) return null;
  const doublings = rtoDoublings(rtoMaxMs);
  const long = retries2 > doublings;
  return {
    what: "unacknowledged data is given up after",
    formula: long ? "(2^(L + 1) - 1) x 0.2 s + (n - L) x longest timeout" : "(2^(n + 1) - 1) x 0.2 s",
    numbers: long
      ? `(2^${doublings + 1} - 1) x 0.2 + (${retries2} - ${doublings}) x ${rtoMaxMs / 1000}`
      : `(2^${retries2 + 1} - 1) x 0.2`,
    result: `${retransmissionSeconds(retries2, rtoMaxMs).toFixed(1)} s`,
    meaning: "RFC 1122 asks for 100 s at least",
  };
}

/** Kernels have limits of 19 digits that mean "none". */
function shortCount(n: number): string {
  return n > 1e12 ? "practically no limit" : String(n);
}
