// The settings common to all listeners: sources, bans, enforcement, scans, retention.

import type { z } from "zod";
import { BACKEND_CHOICES, BACKENDS, type BackendChoice, formatDuration } from "../model/index.ts";
import { choice, decimal, duration, flag, integer, percentage } from "./forms.ts";
import { section, setting } from "./setting.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 1440 * MINUTE;

/** The longest timeout of an ipset is 2147483 s, a little less than 25 days. */
const BAN_MAX = 24 * DAY;

export interface SourceSettings {
  readonly ipv4Prefix: number;
  readonly ipv6Prefix: number;
}

export const sourceSettings: z.ZodType<SourceSettings> = section(
  {
    ipv4Prefix: setting(integer({ min: 8, max: 32 }), {
      meaning: "How many leading bits of an IPv4 address make a source.",
      unit: "bits",
      danger: "Below 32, neighbours share a limit, and a ban hits all of them.",
      fallback: 32,
      reload: "live",
      example: "24",
    }),
    ipv6Prefix: setting(integer({ min: 16, max: 128 }), {
      meaning: "How many leading bits of an IPv6 address make a source. One subscriber has at least a /64.",
      unit: "bits",
      danger: "Above 64, an attacker takes another address for each connection.",
      fallback: 64,
      reload: "live",
      example: "56",
    }),
  },
  "The sources that limits apply to.",
);

export interface BanSettings {
  readonly firstMs: number;
  readonly factor: number;
  readonly maxMs: number;
  readonly action: "drop" | "reject";
}

export const banSettings: z.ZodType<BanSettings> = section(
  {
    first: setting(duration({ min: SECOND, max: BAN_MAX }), {
      meaning:
        "Term of the first ban of a source. The kernel ends it by itself, also when the daemon is dead.",
      danger:
        "A short term is enough, because a banned source's connections are evicted. A long one keeps a repaired client out.",
      fallback: "10m",
      reload: "live",
      example: "5m",
    }),
    factor: setting(decimal({ min: 1, max: 100 }), {
      meaning: "By how much the term of a repeater grows each time. 1 keeps it.",
      fallback: 2,
      reload: "live",
      example: "3",
    }),
    max: setting(duration({ min: SECOND, max: BAN_MAX }), {
      meaning: "The longest term. It may not be shorter than first.",
      danger: "Addresses change hands: after days a ban hits somebody else.",
      fallback: "24h",
      reload: "live",
      example: "7d",
    }),
    action: setting(choice(["drop", "reject"]), {
      meaning: "How a banned source's packets are refused: drop says nothing, reject answers with a reset.",
      danger: "reject tells an attacker at once that it has been found, and answers floods.",
      fallback: "drop",
      reload: "live",
      example: "reject",
    }),
  },
  "How long a source is kept off the guarded ports. Bans never reach beyond the listener.",
);

export interface EnforceSettings {
  readonly backend: BackendChoice;
  readonly fence: boolean;
  readonly evictPerSecond: number;
  readonly onStop: "remove" | "keep";
}

export const enforceSettings: z.ZodType<EnforceSettings> = section(
  {
    backend: setting(choice(BACKEND_CHOICES), {
      meaning: `The backend that holds the bans: ${BACKEND_CHOICES.map((name) => `${name} ${BACKENDS[name]}`).join("; ")}.`,
      danger: "With set-only nobody is kept out until a rule of yours uses the sets.",
      fallback: "nftables",
      reload: "live",
      example: "ipset",
    }),
    fence: setting(flag(), {
      meaning:
        "Whether the kernel alone enforces strict limits (connectionsPerSource, newPerSource) at the SYN. Without them there is no fence.",
      danger: "It counts forged SYNs, too, so a forger can shut an honest address out; it needs conntrack.",
      fallback: true,
      reload: "live",
      example: "false",
    }),
    evictPerSecond: setting(integer({ min: 1, max: 1_000_000 }), {
      meaning:
        "How many connections are destroyed in a second while it is calm. Under pressure there is no pacing.",
      unit: "connections per second",
      danger: "Servers log each: Kamailio writes two lines.",
      fallback: 2000,
      reload: "live",
      example: "500",
    }),
    onStop: setting(choice(["remove", "keep"]), {
      meaning:
        "How the service leaves the kernel when it stops: remove takes everything away, keep leaves the bans to their timeouts. A restart keeps them in any case.",
      fallback: "remove",
      reload: "live",
      example: "keep",
    }),
  },
  "How a plan is carried out. In mode observe it is not.",
);

export interface ScanSettings {
  readonly everyMs: number;
  /** Share of one core, 0..1. */
  readonly cpuBudget: number;
}

export const scanSettings: z.ZodType<ScanSettings> = section(
  {
    every: setting(duration({ min: 100, max: MINUTE }), {
      meaning:
        "Longest interval between two scans of the socket table. New connections cause scans of their own. While it is calm the interval stretches by itself, up to a minute.",
      danger:
        "A short one costs CPU and finds nothing earlier: the counters that call for a scan are read every 20 ms.",
      fallback: "5s",
      reload: "live",
      example: "10s",
    }),
    cpuBudget: setting(percentage(), {
      meaning:
        "Share of one core that scanning may take while it is calm. Under pressure accuracy comes first.",
      fallback: "5%",
      reload: "live",
      example: "1%",
    }),
  },
  "The times at which the socket table is scanned.",
);

export interface RetentionSettings {
  readonly ledgerMs: number;
  readonly historyMs: number;
}

/** A file that writes the default out asks for nothing. */
export const HISTORY_DEFAULT_MS: number = 90 * DAY;

export const retentionSettings: z.ZodType<RetentionSettings> = section(
  {
    ledger: setting(duration({ min: MINUTE, max: 3650 * DAY }), {
      meaning:
        "How long bans, evictions, findings and the standing of sources are kept. They hold addresses of people.",
      danger: "If it is shorter than ban.max, repeaters are forgotten.",
      fallback: "90d",
      reload: "live",
      example: "30d",
    }),
    history: setting(duration({ min: MINUTE, max: 3650 * DAY }), {
      meaning:
        "How long the history of counts is kept. Nothing keeps a history yet: the setting is accepted, and has no effect.",
      fallback: formatDuration(HISTORY_DEFAULT_MS),
      reload: "live",
      example: "30d",
    }),
  },
  "How long records are kept.",
);
