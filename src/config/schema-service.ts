// The settings of the service itself: mode, places, HTTP, who is exempt, monitors.

import type { z } from "zod";
import type { Network } from "../model/index.ts";
import { absolutePath, choice, duration, integerOrOff, network, parsed, pattern } from "./forms.ts";
import { parseListen } from "./listen.ts";
import { NAME_PATTERN, NAME_WORDS } from "./names.ts";
import { optional, optionalList, optionalSection, required, setting } from "./setting.ts";

const SECOND = 1000;
const HOUR = 3_600_000;

/** sun_path has 108 bytes with its end (linux/un.h). */
const SOCKET_BYTES_MAX = 107;

export const modeSetting: z.ZodType<"observe" | "enforce"> = setting(choice(["observe", "enforce"]), {
  meaning:
    "Whether anything is changed. observe scans, judges and says what it would do; enforce also bans and evicts.",
  danger:
    "Enforce after a few days of observe, once every finding was right: a wrong limit cuts honest clients. Without listeners nothing is enforced.",
  fallback: "observe",
  reload: "live",
  example: "enforce",
});

export const stateDirSetting: z.ZodType<string | undefined> = optional(absolutePath(), {
  meaning: "Folder of the ledger of bans and standings. It is made where it is missing.",
  danger: "If the folder is emptied at boot, the bans of repeaters start anew.",
  unset: "/var/lib/sockwarden; without root $XDG_STATE_HOME/sockwarden",
  reload: "restart",
  example: "/var/lib/sockwarden",
});

export const socketSetting: z.ZodType<string | undefined> = optional(absolutePath(SOCKET_BYTES_MAX), {
  meaning: "Unix socket on which the daemon answers `sockwarden status`, `ban` and the others (mode 0660).",
  danger: "Everybody who may write to it may ban and evict.",
  unset:
    "/run/sockwarden/sockwarden.sock; without root $XDG_RUNTIME_DIR/sockwarden/sockwarden.sock, or in stateDir's default place where no session made that folder",
  reload: "restart",
  example: "/run/sockwarden/sockwarden.sock",
});

export interface HttpSettings {
  readonly listen: { readonly host: string; readonly port: number };
  readonly tokenFile?: string | undefined;
}

export const httpSettings: z.ZodType<HttpSettings | undefined> = optionalSection<HttpSettings>(
  {
    listen: required(
      parsed(parseListen, 'HOST:PORT, such as "127.0.0.1:9475" or "[::1]:9475", with a port from 1 to 65535'),
      {
        meaning: "Address and port on which the HTTP API and the metrics answer.",
        danger:
          "There is no TLS: on anything but loopback the token can be read on its way. Put a proxy before it.",
        reload: "restart",
        example: '"127.0.0.1:9475"',
      },
    ),
    tokenFile: optional(absolutePath(), {
      meaning: "File with the bearer token that every request must bring. It must be readable by root alone.",
      unset: "/etc/sockwarden/token; without root $XDG_CONFIG_HOME/sockwarden/token",
      reload: "restart",
      example: "/etc/sockwarden/token",
    }),
  },
  "The API over TCP. The unix socket answers in any case.",
  "no TCP",
);

export interface AllowSettings {
  readonly source: Network;
  readonly reason?: string | undefined;
  readonly connectionsPerSource?: number | null | undefined;
}

export const allowSettings: z.ZodType<AllowSettings[] | undefined> = optionalList<AllowSettings>(
  {
    source: required(network(), {
      meaning: "An address or network, IPv4 or IPv6.",
      danger: "A network that is too wide exempts the attacker, too.",
      reload: "live",
      example: "192.0.2.0/24",
    }),
    reason: optional(pattern(/^[^\0-\x1f\x7f-\x9f]{1,200}$/, "a line of at most 200 characters"), {
      meaning: "Why it is here, for whoever reads it in a year.",
      unset: "no reason",
      reload: "live",
      example: "carrier trunk",
    }),
    connectionsPerSource: optional(integerOrOff({ min: 1, max: 1_000_000 }), {
      meaning: "All connections that one source in the network may hold, in place of the listener's limit.",
      unset: "off: no limit at all",
      reload: "live",
      example: "500",
    }),
  },
  { min: 0, max: 10_000 },
  {
    meaning:
      "Sources that are exempt, or get another limit. The host's own addresses, its gateway and the peers of SSH sessions are always exempt. Files in conf.d append to this list.",
    unset: "nobody",
  },
);

export interface MonitorSettings {
  readonly name: string;
  readonly target: string;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly listener?: string | undefined;
}

export const monitorSettings: z.ZodType<MonitorSettings[] | undefined> = optionalList<MonitorSettings>(
  {
    name: required(pattern(NAME_PATTERN, NAME_WORDS), {
      meaning: "Name of the monitor in status, metrics and logs.",
      reload: "live",
      example: "sip-inside",
    }),
    target: required(
      pattern(/^sips?:[^\s]{1,500}$/, "sip:HOST[:PORT][;transport=udp|tcp|tls|ws|wss], or sips:..."),
      {
        meaning: "The target to probe, as `sockwarden ping` takes it.",
        reload: "live",
        example: "sip:127.0.0.1:5060;transport=tcp",
      },
    ),
    every: setting(duration({ min: SECOND, max: 24 * HOUR }), {
      meaning: "Time from one probe to the next.",
      fallback: "30s",
      reload: "live",
      example: "10s",
    }),
    timeout: setting(duration({ min: 100, max: 60 * SECOND }), {
      meaning: "Deadline of a probe. It may not be longer than every.",
      fallback: "5s",
      reload: "live",
      example: "2s",
    }),
    listener: optional(pattern(NAME_PATTERN, NAME_WORDS), {
      meaning: "Name of the guarded listener that it goes to, so that its answers count for that listener.",
      unset: "none: the service is elsewhere",
      reload: "live",
      example: "sip",
    }),
  },
  { min: 0, max: 1000 },
  {
    meaning: "Probes of services on a timer. Files in conf.d append to this list.",
    unset: "none",
  },
);
