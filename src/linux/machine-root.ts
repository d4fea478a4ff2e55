// Where a machine's files are: a parameter of every reader, so that tests read made-up trees.

import { HOST_ROOT, type SystemRoot } from "./system-root.ts";

export interface MachineRoot extends SystemRoot {
  readonly etc: string;
  readonly run: string;
  /** Holds lib/sysctl.d and lib/systemd. */
  readonly usr: string;
}

export const HOST_MACHINE: MachineRoot = { ...HOST_ROOT, etc: "/etc", run: "/run", usr: "/usr" };

/** The path that people know a file by, whatever the root. */
export function shownPath(root: MachineRoot, path: string): string {
  for (const name of ["proc", "sys", "etc", "run", "usr"] as const) {
    if (path.startsWith(`${root[name]}/`)) return `/${name}${path.slice(root[name].length)}`;
  }
  return path;
}
