// Where the daemon's socket is: said, written in a configuration, or at its default place.

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import type { DaemonArguments } from "../daemon-options.ts";

const SYSTEM_SOCKET = "/run/sockwarden/sockwarden.sock";

/** A configuration that was named and cannot be read. */
export class ConfigFileError extends Error {
  override readonly name = "ConfigFileError";
}

/** In the contract's order; a configuration that names no socket leaves it to the next. */
export function socketPath(
  given: Pick<DaemonArguments, "socket" | "config">,
  environment: Readonly<NodeJS.ProcessEnv>,
  uid: number | undefined = process.getuid?.(),
): string {
  const { SOCKWARDEN_SOCKET: socket, SOCKWARDEN_CONFIG: config } = environment;
  return (
    given.socket ??
    (given.config === undefined ? null : socketOf(given.config)) ??
    (socket || null) ??
    (config ? socketOf(config) : null) ??
    defaultSocket(environment, uid)
  );
}

/** The `socket` that a configuration file names, or null. Throws ConfigFileError for a file that cannot be read. */
export function socketOf(file: string): string | null {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new ConfigFileError(`cannot read ${file}: ${error instanceof Error ? error.message : error}`);
  }
  const found = /^socket:[ \t]+(?:"([^"\n]*)"|'([^'\n]*)'|([^#\s]+))/m.exec(text);
  return found?.[1] ?? found?.[2] ?? found?.[3] ?? null;
}

/** Without root the daemon's own place is the user's; but whoever is in the system socket's group means that one. */
function defaultSocket(environment: Readonly<NodeJS.ProcessEnv>, uid: number | undefined): string {
  const { XDG_RUNTIME_DIR: runtime } = environment;
  if (uid === 0 || !runtime) return SYSTEM_SOCKET;
  const own = path.join(runtime, "sockwarden/sockwarden.sock");
  return !existsSync(own) && existsSync(SYSTEM_SOCKET) ? SYSTEM_SOCKET : own;
}
