// The clocks that end a connection, computed from sysctls as the kernel does (net/ipv4/tcp_timer.c).

import { numberOf, numbersOf, type SysctlLookup } from "./sysctl-values.ts";

/** The first timeout of the kernel's model, and the longest before Linux 6.15. */
const RTO_FIRST_MS = 200;
const RTO_MAX_MS_USUAL = 120_000;

/** The kernel takes no tcp_rto_max_ms beyond these. */
export const RTO_MAX_MS_RANGE: readonly [number, number] = [1000, RTO_MAX_MS_USUAL];

/** The longest retransmission timeout: tcp_rto_max_ms where the kernel has it. A value that it refuses changes nothing. */
export function rtoMaxMs(lookup: SysctlLookup): number {
  const [least, most] = RTO_MAX_MS_RANGE;
  const longestMs = numberOf(lookup, "net.ipv4.tcp_rto_max_ms", RTO_MAX_MS_USUAL);
  return longestMs < least || longestMs > most ? RTO_MAX_MS_USUAL : longestMs;
}

/** How often the first timeout doubles until it is the longest. */
export function rtoDoublings(longestMs: number): number {
  return Math.floor(Math.log2(longestMs / RTO_FIRST_MS));
}

/**
 * Seconds that data may stay unacknowledged with `retries` retransmissions: tcp_model_timeout() with a first timeout of
 * 200 ms that doubles up to the longest one.
 */
export function retransmissionSeconds(retries: number, longestMs: number = RTO_MAX_MS_USUAL): number {
  const doublings = rtoDoublings(longestMs);
  if (retries <= doublings) return ((2 ** (retries + 1) - 1) * RTO_FIRST_MS) / 1000;
  return ((2 ** (doublings + 1) - 1) * RTO_FIRST_MS + (retries - doublings) * longestMs) / 1000;
}

/** The same for tcp_orphan_retries, whose 0 acts as 8. */
export function orphanSeconds(retries: number, longestMs: number = RTO_MAX_MS_USUAL): number {
  return retransmissionSeconds(retries === 0 ? 8 : retries, longestMs);
}

/** The three keepalive sysctls, in seconds and probes. */
export interface KeepaliveTimes {
  readonly time: number;
  readonly interval: number;
  readonly probes: number;
}

export interface Keepalive extends KeepaliveTimes {
  /** Seconds from the last packet to the end of a peer that answers no probe. */
  readonly detection: number;
  /** Seconds that a living peer may be away once probing has begun. */
  readonly outage: number;
}

/** The sysctls of a `KeepaliveTimes`, in its order. */
export const KEEPALIVE_KEYS: readonly string[] = ["time", "intvl", "probes"].map(
  (part) => `net.ipv4.tcp_keepalive_${part}`,
);

export function keepaliveWith({ time, interval, probes }: KeepaliveTimes): Keepalive {
  return { time, interval, probes, detection: time + interval * probes, outage: interval * probes };
}

/** Null where one of the three cannot be read. */
export function readKeepalive(lookup: SysctlLookup): Keepalive | null {
  const [time, interval, probes] = KEEPALIVE_KEYS.map((key) => numbersOf(lookup(key))[0]);
  if (time === undefined || interval === undefined || probes === undefined) return null;
  return keepaliveWith({ time, interval, probes });
}

/** With the kernel's defaults for values that cannot be read. */
export function keepaliveOf(lookup: SysctlLookup): Keepalive {
  const [time, interval, probes] = KEEPALIVE_KEYS;
  return keepaliveWith({
    time: numberOf(lookup, time!, 7200),
    interval: numberOf(lookup, interval!, 75),
    probes: numberOf(lookup, probes!, 9),
  });
}
