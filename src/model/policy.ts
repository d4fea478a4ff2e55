// What is asked of the clients of one listener. Durations in milliseconds; null is "not asked".

import type { Profile } from "./profile.ts";
import type { Network } from "./source.ts";

export interface Limits {
  /** Connections of one source that may be unproven past their time. */
  readonly unprovenPerSource: number;
  /** The same of one network: IPv4 /24, IPv6 /56 and /48. */
  readonly unprovenPerNetwork: number;
  /** Strict: all connections of one source, refused at the SYN. */
  readonly connectionsPerSource: number | null;
  /** Strict: new connections of one source in a time. */
  readonly newPerSource: { readonly count: number; readonly perMs: number } | null;
}

export const DEFAULT_LIMITS: Limits = {
  unprovenPerSource: 20,
  unprovenPerNetwork: 60,
  connectionsPerSource: null,
  newPerSource: null,
};

/** Shares of the slots from which on they are scarce. */
export interface PressureLevels {
  readonly tight: number;
  readonly critical: number;
}

export const DEFAULT_PRESSURE: PressureLevels = { tight: 0.7, critical: 0.9 };

/** Which listening sockets a policy is for: every one that matches all that is given. */
export interface ListenerSelector {
  readonly ports: readonly number[] | null;
  /** Name of the owning process (comm), as in /proc/PID/comm. */
  readonly process: string | null;
  /** The listening socket's own local address; null for any. */
  readonly address: Network | null;
  /** Network namespace, by name or pid; null for the daemon's own. */
  readonly netns: string | null;
}

export interface ListenerPolicy {
  readonly name: string;
  readonly selector: ListenerSelector;
  /** Ports whose connections begin with a TLS handshake. */
  readonly tlsPorts: readonly number[];
  /** With this listener's own times in it. */
  readonly profile: Profile;
  readonly limits: Limits;
  readonly pressure: PressureLevels;
  /** The server's own limit, where it is lower than its descriptor limit. */
  readonly slots: number | null;
  readonly evictLeaked: boolean;
}

/** Who is exempt, or gets another limit, and why. */
export interface AllowEntry {
  readonly network: Network;
  readonly reason: string | null;
  /** All connections of one source inside the network; null for no limit at all. */
  readonly connectionsPerSource: number | null;
}

export const PRESSURES = ["calm", "tight", "critical"] as const;

export type Pressure = (typeof PRESSURES)[number];

/** The pressure when a share of what there is, 0..1, is taken. */
export function pressureOf(taken: number, levels: PressureLevels = DEFAULT_PRESSURE): Pressure {
  return taken >= levels.critical ? "critical" : taken >= levels.tight ? "tight" : "calm";
}

/** The highest of several; calm where there is none. */
export function highestPressure(pressures: Iterable<Pressure>): Pressure {
  let highest: Pressure = "calm";
  for (const next of pressures) if (PRESSURES.indexOf(next) > PRESSURES.indexOf(highest)) highest = next;
  return highest;
}
