// A policy: the limits of one listener's clients. Durations are in milliseconds; null means that there is no such
// limit.

import type { Profile } from "./profile.ts";
import type { Network } from "./source.ts";

export interface Limits {
  /** How many connections of one source may be unproven past their time. */
  readonly unprovenPerSource: number;
  /** The same for one network: IPv4 /24, IPv6 /56 and /48. */
  readonly unprovenPerNetwork: number;
  /** Strict: how many connections one source may have at all. More are refused at the SYN. */
  readonly connectionsPerSource: number | null;
  /** Strict: how many connections one source may open in a time. */
  readonly newPerSource: { readonly count: number; readonly perMs: number } | null;
}

export const DEFAULT_LIMITS: Limits = {
  unprovenPerSource: 20,
  unprovenPerNetwork: 60,
  connectionsPerSource: null,
  newPerSource: null,
};

/** The shares of the slots at which pressure becomes tight and critical. */
export interface PressureLevels {
  readonly tight: number;
  readonly critical: number;
}

export const DEFAULT_PRESSURE: PressureLevels = { tight: 0.7, critical: 0.9 };

/** Selects the listening sockets of a policy: those that match everything that is given. */
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
  /** The profile, with this listener's own times in it. */
  readonly profile: Profile;
  readonly limits: Limits;
  readonly pressure: PressureLevels;
  /** The server's own limit, if it is lower than its descriptor limit. */
  readonly slots: number | null;
  readonly evictLeaked: boolean;
}

/** An allowlist entry: a network that is exempt or gets another limit, and the reason. */
export interface AllowEntry {
  readonly network: Network;
  readonly reason: string | null;
  /** How many connections one source inside the network may have; null for no limit at all. */
  readonly connectionsPerSource: number | null;
}

export const PRESSURES = ["calm", "tight", "critical"] as const;

export type Pressure = (typeof PRESSURES)[number];

/** The pressure at a share, 0..1, of what there is. */
export function pressureOf(taken: number, levels: PressureLevels = DEFAULT_PRESSURE): Pressure {
  return taken >= levels.critical ? "critical" : taken >= levels.tight ? "tight" : "calm";
}

/** The highest pressure of several; calm if there is none. */
export function highestPressure(pressures: Iterable<Pressure>): Pressure {
  let highest: Pressure = "calm";
  for (const next of pressures) if (PRESSURES.indexOf(next) > PRESSURES.indexOf(highest)) highest = next;
  return highest;
}
