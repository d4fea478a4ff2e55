// The place of the daemon's socket: from an option, from a configuration, or the default place.

import { existsSync } from "node:fs";
import { Refusal } from "../../model/index.ts";
import { problemsText } from "../configuration/text.ts";
import type { DaemonArguments } from "./options.ts";

const SYSTEM_SOCKET = "/run/sockwarden/sockwarden.sock";

/** A named configuration cannot be read. */
export class ConfigFileError extends Refusal {}

/** In the contract's order. A configuration that names no socket leaves it to the next place. */
export async function socketPath(
  given: Pick<DaemonArguments, "socket" | "config">,
  environment: Readonly<NodeJS.ProcessEnv>,
  uid: number = process.getuid?.() ?? 0,
): Promise<string> {
  const { SOCKWARDEN_SOCKET: socket, SOCKWARDEN_CONFIG: config } = environment;
  return (
    given.socket ??
    (given.config === undefined ? null : await socketOf(given.config, environment, uid)) ??
    (socket || null) ??
    (config ? await socketOf(config, environment, uid) : null) ??
    (await defaultSocket(environment, uid))
  );
}

/**
 * The `socket` that a configuration names, its conf.d included, or null. Throws ConfigFileError for a configuration
 * that the daemon would not run with.
 */
export async function socketOf(
  file: string,
  environment: Readonly<NodeJS.ProcessEnv>,
  uid: number,
): Promise<string | null> {
  const { configPlaces, loadConfig } = await import("../../config/index.ts");
  const loaded = loadConfig({ file, uid, env: environment });
  if (!loaded.ok) throw new ConfigFileError(problemsText(loaded.errors.slice(0, 1)));
  const { socket } = loaded.config;
  return socket === configPlaces(uid, environment).socket ? null : socket;
}

/** Without root the daemon's own place is the user's. If only the system's socket is there, that one is meant. */
async function defaultSocket(environment: Readonly<NodeJS.ProcessEnv>, uid: number): Promise<string> {
  if (uid === 0) return SYSTEM_SOCKET;
  const { configPlaces } = await import("../../config/index.ts");
  const own = configPlaces(uid, environment).socket;
  return !existsSync(own) && existsSync(SYSTEM_SOCKET) ? SYSTEM_SOCKET : own;
}
