// The servers whose configuration we understand: its place, its parser, and the setting that limits connections.

import type { ConfigSetting, ServerFiles } from "./config-setting.ts";
import { parseHaproxy } from "./haproxy.ts";
import { parseKamailio } from "./kamailio.ts";
import { parseMosquitto } from "./mosquitto.ts";
import { parseNginx } from "./nginx.ts";

export interface KnownProgram {
  /** The option of the command line that names the main file, and that file without the option. */
  readonly option: string;
  readonly file: string;
  /** Whether a relative path on the command line starts where the program runs. */
  readonly relativeToCwd: boolean;
  readonly parse: (text: string, file: string, files: ServerFiles) => ConfigSetting[];
  /** The setting at whose number the program closes newcomers at once; absent where no single setting does that. */
  readonly limit?: {
    readonly setting: string;
    /** The limit without the setting; null for none. */
    readonly usual: number | null;
  };
}

/** The limit of Kamailio and OpenSIPS without tcp_max_connections. */
const SIP_SERVER_CONNECTIONS = 2048;

const SIP_SERVER = {
  option: "-f",
  relativeToCwd: true,
  parse: parseKamailio,
  limit: { setting: "tcp_max_connections", usual: SIP_SERVER_CONNECTIONS },
} as const;

/** By the name of the process. */
export const KNOWN_PROGRAMS: Readonly<Record<string, KnownProgram>> = {
  kamailio: { ...SIP_SERVER, file: "/etc/kamailio/kamailio.cfg" },
  opensips: { ...SIP_SERVER, file: "/etc/opensips/opensips.cfg" },
  mosquitto: {
    option: "-c",
    file: "/etc/mosquitto/mosquitto.conf",
    relativeToCwd: true,
    parse: parseMosquitto,
    limit: { setting: "max_connections", usual: null },
  },
  // nginx starts relative paths at its prefix, which the command line need not name. Its worker_connections limit each worker.
  nginx: { option: "-c", file: "/etc/nginx/nginx.conf", relativeToCwd: false, parse: parseNginx },
  // At maxconn haproxy leaves newcomers in the accept queue.
  haproxy: { option: "-f", file: "/etc/haproxy/haproxy.cfg", relativeToCwd: true, parse: parseHaproxy },
};
