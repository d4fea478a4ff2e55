// Reads the limits of one server after another, and remembers the servers whose limit could not be read.

import { HOST_MACHINE, type MachineRoot, readProcessName } from "../linux/index.ts";
import { type ConnectionLimit, reasonOf } from "../model/index.ts";
import { KNOWN_PROGRAMS } from "./known-programs.ts";
import { readProgramConfig, type ServerProcess } from "./program-config.ts";
import { programLimit } from "./program-limit.ts";

export class ProgramLimits {
  readonly #root: MachineRoot;
  /** By pid: its name, and why nobody knows its limit. */
  readonly #untold = new Map<number, { readonly name: string; readonly why: string }>();

  constructor(root: MachineRoot = HOST_MACHINE) {
    this.#root = root;
  }

  /** The limit of one process; null where it sets none, and where the limit cannot be told. Never throws. */
  read({ pid, name }: ServerProcess): ConnectionLimit | null {
    this.#untold.delete(pid);
    if (name === null || !hasLimit(name)) return null;
    try {
      const config = readProgramConfig(this.#root, { pid, name });
      if (config !== null && !config.readable) this.#untold.set(pid, { name, why: config.file });
      return config === null ? null : programLimit(config);
    } catch (error) {
      this.#untold.set(pid, { name, why: reasonOf(error) });
      return null;
    }
  }

  /** A sentence for every running process whose limit could not be told. */
  problems(): string[] {
    for (const [pid, { name }] of this.#untold) {
      if (readProcessName(this.#root, pid) !== name) this.#untold.delete(pid);
    }
    return [...this.#untold].map(
      ([pid, { name, why }]) =>
        `The configuration of ${name} (pid ${pid}) could not be read (${why}): a limit that it sets itself is not counted.`,
    );
  }
}

function hasLimit(name: string): boolean {
  return Object.hasOwn(KNOWN_PROGRAMS, name) && KNOWN_PROGRAMS[name]?.limit !== undefined;
}
