// The clocks that end a connection, computed from sysctls as the kernel does (net/ipv4/tcp_timer.c).

/** A look-up of sysctls by key: live ones or those of a file. */
export type Lookup = (key: string) => string | undefined;

const RTO_MS = 200;
const RTO_MAX_MS = 120_000;

/** A sysctl's numbers; empty where it is absent or no number. */
export function numbersOf(text: string | undefined): number[] {
  if (text === undefined || !/^-?\d+(\s+-?\d+)*$/.test(text.trim())) return [];
  return text.trim().split(/\s+/).map(Number);
}

/** One number, or the default where it is absent. */
export function numberOf(lookup: Lookup, key: string, otherwise: number): number {
  return numbersOf(lookup(key))[0] ?? otherwise;
}

/**
 * Seconds that data may stay unacknowledged with `retries` retransmissions: tcp_model_timeout() with a first timeout of
 * 200 ms that doubles up to tcp_rto_max_ms (120 s before Linux 6.15).
 */
export function retransmissionSeconds(retries: number, lookup: Lookup): number {
  const most = numberOf(lookup, "net.ipv4.tcp_rto_max_ms", RTO_MAX_MS);
  const doublings = Math.floor(Math.log2(most / RTO_MS));
  if (retries <= doublings) return ((2 ** (retries + 1) - 1) * RTO_MS) / 1000;
  return ((2 ** (doublings + 1) - 1) * RTO_MS + (retries - doublings) * most) / 1000;
}

export interface Keepalive {
  readonly time: number;
  readonly interval: number;
  readonly probes: number;
  /** From the last packet to the end of a peer that answers no probe. */
  readonly detection: number;
  /** How long a living peer may be away once probing has begun. */
  readonly outage: number;
}

export function keepaliveOf(lookup: Lookup): Keepalive {
  const time = numberOf(lookup, "net.ipv4.tcp_keepalive_time", 7200);
  const interval = numberOf(lookup, "net.ipv4.tcp_keepalive_intvl", 75);
  const probes = numberOf(lookup, "net.ipv4.tcp_keepalive_probes", 9);
  return { time, interval, probes, detection: time + interval * probes, outage: interval * probes };
}
