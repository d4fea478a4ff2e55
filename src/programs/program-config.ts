// A server's configuration: found by its command line, read with the files that it includes.

import path from "node:path";
import { type MachineRoot, readCommandLine } from "../linux/index.ts";
import type { ConfigSetting } from "./config-setting.ts";
import { KNOWN_PROGRAMS, type KnownProgram } from "./known-programs.ts";
import { serverFiles } from "./server-files.ts";

export interface ProgramConfig {
  /** The process's name, a known program's. */
  readonly program: string;
  /** The main file, as the server knows it. */
  readonly file: string;
  /** False where the main file may not be read, or its includes exceed a bound; `settings` is empty then. */
  readonly readable: boolean;
  /** In the order of the files; a name may occur several times. */
  readonly settings: readonly ConfigSetting[];
}

/** A running server: its pid, and its name as /proc has it; null where it may not be seen. */
export interface ServerProcess {
  readonly pid: number;
  readonly name: string | null;
}

/** The configuration of a known program, or null for any other. */
export function readProgramConfig(root: MachineRoot, { pid, name }: ServerProcess): ProgramConfig | null {
  const known = name !== null && Object.hasOwn(KNOWN_PROGRAMS, name) ? KNOWN_PROGRAMS[name] : undefined;
  if (name === null || known === undefined) return null;
  const file = mainFile(readCommandLine(root, pid) ?? [], known);
  const files = serverFiles(root, pid);
  const text = files.read(file);
  const settings = text === null ? [] : known.parse(text, file, files);
  const readable = text !== null && !files.cutShort;
  return { program: name, file, readable, settings: readable ? settings : [] };
}

/** nginx writes its arguments into its title as one string, so all is split at blanks. */
function mainFile(commandLine: readonly string[], { option, file, relativeToCwd }: KnownProgram): string {
  const words = commandLine.flatMap((argument) => argument.split(/\s+/));
  const at = words.findIndex((word) => word.startsWith(option));
  const given = words[at]?.length === option.length ? words[at + 1] : words[at]?.slice(option.length);
  if (given === undefined || given === "") return file;
  if (path.isAbsolute(given)) return path.normalize(given);
  return relativeToCwd ? given : file;
}
