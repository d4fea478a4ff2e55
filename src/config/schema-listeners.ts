// The settings of one guarded listener.

import type { z } from "zod";
import {
  DEFAULT_LIMITS,
  DEFAULT_PRESSURE,
  formatDuration,
  type Network,
  PROFILE_NAMES,
  PROFILES,
  type PressureLevels,
  type Profile,
  type ProfileName,
} from "../model/index.ts";
import {
  choice,
  countInTime,
  duration,
  durationOrOff,
  flag,
  integer,
  integerOrOff,
  network,
  numberOrText,
  pattern,
  portList,
  share,
} from "./forms.ts";
import { NAME_PATTERN, NAME_WORDS } from "./names.ts";
import { optional, optionalList, required, section, setting } from "./setting.ts";

const TIMES = { min: 10, max: 7 * 86_400_000 };
const COUNTS = { min: 1, max: 1_000_000 };

/** The kernel's filter of a scan has room for this many. */
const PORTS_MAX = 1000;

/** `sip 30s, mqtt 15s, ...`. */
function byProfile(pick: (profile: Profile) => number | null): string {
  const times = PROFILE_NAMES.map((name) => {
    const ms = pick(PROFILES[name]);
    return `${name} ${ms === null ? "off" : formatDuration(ms)}`;
  });
  return `by the profile: ${times.join(", ")}`;
}

/** An absent time is the profile's; off is null. */
export interface LimitSettings {
  readonly unprovenPerSource: number;
  readonly unprovenPerNetwork?: number | undefined;
  readonly speakWithinMs?: number | null | undefined;
  readonly silentForMs?: number | undefined;
  readonly stalledForMs?: number | undefined;
  readonly holdForMs?: number | null | undefined;
  readonly connectionsPerSource?: number | null | undefined;
  readonly newPerSource?: { readonly count: number; readonly perMs: number } | null | undefined;
}

const limits = section<LimitSettings>(
  {
    unprovenPerSource: setting(integer(COUNTS), {
      meaning:
        "How many unproven connections one source may hold past their time. A connection is proven by two exchanges; proven ones are not counted. Above it, a source without a proven connection is banned, and a mixed one is capped.",
      unit: "connections",
      danger:
        "An office shares one address. If more of its phones than this are slow to register at once, some are cut.",
      fallback: DEFAULT_LIMITS.unprovenPerSource,
      reload: "live",
      example: "40",
    }),
    unprovenPerNetwork: optional(integer(COUNTS), {
      meaning: "The same for a network: IPv4 /24, IPv6 /56 and /48. It may not be below unprovenPerSource.",
      unit: "connections",
      unset: `${DEFAULT_LIMITS.unprovenPerNetwork}, or unprovenPerSource where that is more`,
      reload: "live",
      example: "60",
    }),
    speakWithin: optional(durationOrOff(TIMES), {
      meaning:
        "Age by which an honest client has said something. An older connection that has said nothing counts as unproven. Use off for protocols in which the server speaks first. It may not be longer than silentFor.",
      danger: "Clients on slow radio links need seconds.",
      unset: byProfile((profile) => profile.speakWithinMs),
      reload: "live",
      example: "5s",
    }),
    silentFor: optional(duration(TIMES), {
      meaning:
        "Age at which a connection that never sent a byte is evicted, even when there is room. It may not be longer than holdFor.",
      unset: byProfile((profile) => profile.silentForMs),
      reload: "live",
      example: "30s",
    }),
    stalledFor: optional(duration(TIMES), {
      meaning: "How long a connection may take no data, or answer no probe, before it is evicted.",
      danger: "A phone in a tunnel comes back after tens of seconds.",
      unset: byProfile((profile) => profile.stalledForMs),
      reload: "live",
      example: "30s",
    }),
    holdFor: optional(durationOrOff(TIMES), {
      meaning:
        "Silence that an honest client never reaches: one and a half times its keep-alive interval. Beyond it a connection that spoke once counts as unproven; one that is silent for two thirds of it is idle.",
      danger: "If it is shorter than the clients' own keep-alive interval, honest clients count as unproven.",
      unset: byProfile((profile) => profile.holdForMs),
      reload: "live",
      example: "180s",
    }),
    connectionsPerSource: optional(integerOrOff(COUNTS), {
      meaning:
        "Strict: the most connections, proven or not, that one source may hold. The kernel refuses more at the SYN (enforce.fence). It is for those who know their clients; allow sets another limit for single sources.",
      unit: "connections",
      danger: "Everybody behind one NAT address or proxy is one source. Look at `sockwarden who` first.",
      unset: "off",
      reload: "live",
      example: "60",
    }),
    newPerSource: optional(countInTime(COUNTS, { min: 1000, max: 86_400_000 }), {
      meaning:
        "Strict: the most new connections of one source in a span of time. `128 per 10m` means the same as the mapping.",
      danger: "After a restart of the server an office reconnects with all its phones at once.",
      unset: "off",
      reload: "live",
      example: "{ count: 128, per: 10m }",
    }),
  },
  "The limits that clients must keep. Times left out are the profile's.",
);

const pressure = section<PressureLevels>(
  {
    tight: setting(share(), {
      meaning:
        "Share of the slots, or of the descriptors, from which on they are scarce. Unproven connections then count whatever their age.",
      danger: "If it is too high, an attack fills the rest before anything is done.",
      fallback: DEFAULT_PRESSURE.tight,
      reload: "live",
      example: "0.6",
    }),
    critical: setting(share(), {
      meaning: "Share from which on unproven connections are shed, worst first. It must be above tight.",
      fallback: DEFAULT_PRESSURE.critical,
      reload: "live",
      example: "0.85",
    }),
  },
  "The shares from which on slots are scarce.",
);

export interface ListenerSettings {
  readonly name: string;
  readonly ports?: readonly number[] | undefined;
  readonly process?: string | undefined;
  readonly address?: Network | undefined;
  readonly netns?: string | undefined;
  readonly tlsPorts?: readonly number[] | undefined;
  readonly profile?: ProfileName | undefined;
  readonly slots?: number | undefined;
  readonly limits: LimitSettings;
  readonly pressure: PressureLevels;
  readonly evictLeaked: boolean;
}

export const listenerSettings: z.ZodType<ListenerSettings[] | undefined> = optionalList<ListenerSettings>(
  {
    name: required(pattern(NAME_PATTERN, NAME_WORDS), {
      meaning: "Name of the listener in bans, metrics and logs.",
      reload: "live",
      example: "sip",
    }),
    ports: optional(portList(PORTS_MAX), {
      meaning: "Ports that it listens on. ports, process or both must be given; a socket must match both.",
      unset: "any port of the process",
      reload: "live",
      example: "[5060, 5061]",
    }),
    process: optional(
      pattern(/^[^\0-\x1f\x7f/]{1,15}$/, "a process name as in /proc/PID/comm, of at most 15 characters"),
      {
        meaning:
          "Name of the process that owns the listening socket, as in /proc/PID/comm. The kernel keeps 15 characters of it.",
        unset: "any process",
        reload: "live",
        example: "kamailio",
      },
    ),
    address: optional(network(), {
      meaning: "The listening socket's own local address, or a network that it lies in.",
      unset: "any address",
      reload: "live",
      example: "198.51.100.1",
    }),
    netns: optional(
      numberOrText(
        /^(?!\.\.?$)[^\0-\x20/]{1,255}$/,
        "the name of a network namespace in /run/netns, or a process id",
      ),
      {
        meaning: "Network namespace in which it listens, by name or by the id of a process in it.",
        danger: "A process id changes with each start of the process.",
        unset: "the daemon's own",
        reload: "restart",
        example: "blue",
      },
    ),
    tlsPorts: optional(portList(PORTS_MAX), {
      meaning:
        "Those ports whose connections begin with a TLS handshake. A handshake proves nothing about a client.",
      danger: "A TLS port that is missing here lets a bare handshake pass for an exchange.",
      unset: "those of the ports that are TLS by custom: 443, 993, 5061, 5223, 5270, 8089, 8443, 8883",
      reload: "live",
      example: "[5061]",
    }),
    profile: optional(choice(PROFILE_NAMES), {
      meaning: "The protocol, and with it how long honest clients are silent.",
      unset: "that of the first port, where it is well known, else generic",
      reload: "live",
      example: "sip",
    }),
    slots: optional(integer({ min: 1, max: 100_000_000 }), {
      meaning:
        "How many connections the server can hold, where that is less than its descriptors and its own configuration allow.",
      unit: "connections",
      danger: "If the limit is missing here, it is reached before any pressure is seen.",
      unset:
        "the lower of the owner's descriptor limit less a reserve and the limit in its own configuration (Kamailio, OpenSIPS, mosquitto)",
      reload: "live",
      example: "2048",
    }),
    limits,
    pressure,
    evictLeaked: setting(flag(), {
      meaning:
        "Whether connections that the peer has closed and the program has not (CLOSE_WAIT) are evicted.",
      danger: "It hides a fault of the program, and may confuse the program.",
      fallback: false,
      reload: "live",
      example: "true",
    }),
  },
  { min: 1, max: 1000 },
  {
    meaning:
      "The listeners that are guarded, each with a policy. No two may match one socket. Files in conf.d append to this list.",
    unset: "every listener found is watched, named COMM:PORT, and nothing is enforced",
  },
);
