// What a server's own configuration says, as far as the doctor judges it: found by the server's command line, read through
// its own root folder, so that a container's file is the container's.

import { globSync } from "node:fs";
import path from "node:path";
import type { MachineRoot } from "../linux/index.ts";
import { readTextIfAllowed } from "../linux/index.ts";
import { parseHaproxy } from "./haproxy.ts";
import { parseKamailio } from "./kamailio.ts";
import { parseMosquitto } from "./mosquitto.ts";
import { parseNginx } from "./nginx.ts";

/** One setting with the place it has in a file. */
export interface ConfigSetting {
  readonly name: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

export interface ProgramConfig {
  /** The main file; null where it may not be read, with `settings` empty. */
  readonly file: string;
  readonly readable: boolean;
  /** In the order of the files; a name may occur several times. */
  readonly settings: readonly ConfigSetting[];
}

/** A server's files, by the paths that the server knows them by. */
export interface ServerFiles {
  /** Null where the file is not there or not ours to read. */
  readonly read: (file: string) => string | null;
  /** The files that a path with `*` stands for, in the order of their names. */
  readonly list: (pattern: string) => readonly string[];
}

/** Files within files that are followed. */
export const INCLUDE_DEPTH_MAX = 4;

interface Program {
  /** The option that names the file, and the file without it. */
  readonly option: string;
  readonly file: string;
  readonly parse: (text: string, file: string, files: ServerFiles) => ConfigSetting[];
}

const PROGRAMS: Readonly<Record<string, Program>> = {
  kamailio: { option: "-f", file: "/etc/kamailio/kamailio.cfg", parse: parseKamailio },
  mosquitto: { option: "-c", file: "/etc/mosquitto/mosquitto.conf", parse: parseMosquitto },
  nginx: { option: "-c", file: "/etc/nginx/nginx.conf", parse: parseNginx },
  haproxy: { option: "-f", file: "/etc/haproxy/haproxy.cfg", parse: parseHaproxy },
};

/** The configuration of a known program, or null for any other. */
export function readProgramConfig(
  root: MachineRoot,
  server: { readonly pid: number; readonly name: string; readonly commandLine: readonly string[] },
): ProgramConfig | null {
  const program = PROGRAMS[server.name];
  if (program === undefined) return null;
  const file = configPath(server.commandLine, program);
  const files = filesOf(root, server.pid);
  const text = files.read(file);
  return { file, readable: text !== null, settings: text === null ? [] : program.parse(text, file, files) };
}

/** nginx writes its arguments into its title as one string, so all is split at blanks. */
function configPath(commandLine: readonly string[], { option, file }: Program): string {
  const words = commandLine.flatMap((argument) => argument.split(/\s+/));
  const at = words.findIndex((word) => word.startsWith(option));
  const found = words[at]?.length === option.length ? words[at + 1] : words[at]?.slice(option.length);
  return at >= 0 && found?.startsWith("/") ? path.normalize(found) : file;
}

function filesOf(root: MachineRoot, pid: number): ServerFiles {
  const own = `${root.proc}/${pid}/root`;
  // Another user's root may not be followed; the host's file below /etc often may be read.
  const host = (file: string): string | null =>
    file.startsWith("/etc/") ? root.etc + file.slice("/etc".length) : null;
  return {
    read: (file) => {
      const other = host(file);
      return readTextIfAllowed(own + file) ?? (other === null ? null : readTextIfAllowed(other));
    },
    list: (pattern) => {
      const found = globSync(own + pattern).map((file) => file.slice(own.length));
      const other = found.length > 0 ? null : host(pattern);
      const outside =
        other === null ? [] : globSync(other).map((file) => `/etc${file.slice(root.etc.length)}`);
      return [...found, ...outside].sort();
    },
  };
}

/** The last setting of this name: what counts where a later one replaces an earlier one. */
export function lastSetting(config: ProgramConfig, name: string): ConfigSetting | undefined {
  return config.settings.findLast((setting) => setting.name === name);
}
