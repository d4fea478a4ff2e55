// Where things are: root has the system's folders, anybody else those of the XDG Base Directory Specification.

import { existsSync } from "node:fs";
import path from "node:path";

export interface ConfigPlaces {
  /** The main file; `conf.d/*.yaml` beside it are read, too. */
  readonly file: string;
  readonly stateDir: string;
  readonly socket: string;
  readonly tokenFile: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The default places of a user. A relative path in an XDG variable is ignored, as the specification demands. `isThere` says
 * whether a folder exists.
 */
export function configPlaces(
  uid: number,
  env: Environment,
  isThere: (folder: string) => boolean = existsSync,
): ConfigPlaces {
  if (uid === 0) {
    return {
      file: "/etc/sockwarden/sockwarden.yaml",
      stateDir: "/var/lib/sockwarden",
      socket: "/run/sockwarden/sockwarden.sock",
      tokenFile: "/etc/sockwarden/token",
    };
  }
  const home = absolute(env["HOME"]) ?? "/";
  const configHome = absolute(env["XDG_CONFIG_HOME"]) ?? path.join(home, ".config");
  const stateHome = absolute(env["XDG_STATE_HOME"]) ?? path.join(home, ".local/state");
  const stateDir = path.join(stateHome, "sockwarden");
  // Without a login session the variable is missing. Another session of the user made this folder; nobody else may.
  const session = `/run/user/${uid}`;
  const runtimeDir = absolute(env["XDG_RUNTIME_DIR"]) ?? (isThere(session) ? session : null);
  return {
    file: path.join(configHome, "sockwarden/sockwarden.yaml"),
    stateDir,
    socket: path.join(
      runtimeDir === null ? stateDir : path.join(runtimeDir, "sockwarden"),
      "sockwarden.sock",
    ),
    tokenFile: path.join(configHome, "sockwarden/token"),
  };
}

function absolute(value: string | undefined): string | null {
  return value !== undefined && path.isAbsolute(value) ? value : null;
}
