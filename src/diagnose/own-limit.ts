// How many connections a program takes by its own configuration: at that limit it closes newcomers at once, and no
// counter of the kernel shows it. Known are those whose limit is commonly met before the descriptors' is.

import path from "node:path";
import { readCommandLine, readTextIfAllowed, type SystemRoot } from "../linux/index.ts";
import type { ConnectionLimit } from "../model/index.ts";

interface KnownProgram {
  /** Where its configuration is unless the command line says otherwise. */
  readonly file: string;
  readonly fileOption: string;
  readonly setting: string;
  readonly line: RegExp;
  /** What holds without the setting; null for no limit. */
  readonly ifAbsent: number | null;
}

const PROGRAMS: Readonly<Record<string, KnownProgram>> = {
  kamailio: {
    file: "/etc/kamailio/kamailio.cfg",
    fileOption: "-f",
    setting: "tcp_max_connections",
    line: /^\s*tcp_max_connections\s*=\s*(\d+)/gm,
    ifAbsent: 2048,
  },
  opensips: {
    file: "/etc/opensips/opensips.cfg",
    fileOption: "-f",
    setting: "tcp_max_connections",
    line: /^\s*tcp_max_connections\s*=\s*(\d+)/gm,
    ifAbsent: 2048,
  },
  mosquitto: {
    file: "/etc/mosquitto/mosquitto.conf",
    fileOption: "-c",
    setting: "max_connections",
    line: /^\s*max_connections\s+(-?\d+)/gm,
    ifAbsent: null,
  },
};

/** Null for a program that sets none, or that is not known. */
export function readOwnLimit(root: SystemRoot, pid: number, name: string | null): ConnectionLimit | null {
  const program = name === null ? undefined : PROGRAMS[name];
  if (program === undefined) return null;
  const file = configurationFile(root, pid, program);
  const text = readTextIfAllowed(file.real);
  const value = [...(text ?? "").matchAll(program.line)].at(-1)?.[1];
  if (value !== undefined) {
    const connections = Number(value);
    return connections > 0 ? { connections, where: `${program.setting} in ${file.shown}` } : null;
  }
  return program.ifAbsent === null || text === null
    ? null
    : { connections: program.ifAbsent, where: `${program.setting}, by default` };
}

/** The file as its process sees it: in its own root folder, and relative to where it runs. */
function configurationFile(
  root: SystemRoot,
  pid: number,
  { file, fileOption }: KnownProgram,
): { readonly real: string; readonly shown: string } {
  const argv = readCommandLine(root, pid) ?? [];
  const given = argv.find((_, i) => argv[i - 1] === fileOption) ?? file;
  const from = path.isAbsolute(given) ? "root" : "cwd";
  return { real: path.join(root.proc, String(pid), from, given), shown: given };
}
