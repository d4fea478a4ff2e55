// The places of a machine's files. They are a parameter of every reader, so that tests read made-up trees.

import { realpathSync } from "node:fs";
import { isAbsentOrForbidden, type SystemRoot } from "./system-root.ts";

export interface MachineRoot extends SystemRoot {
  readonly etc: string;
  readonly run: string;
  /** Holds lib/sysctl.d and lib/systemd. */
  readonly usr: string;
  /** A link to usr/lib; on older systems a folder of its own. */
  readonly lib: string;
}

/** The machine with its folders below `base`; "" for this one. */
export function machineBelow(base: string): MachineRoot {
  return {
    proc: `${base}/proc`,
    sys: `${base}/sys`,
    etc: `${base}/etc`,
    run: `${base}/run`,
    usr: `${base}/usr`,
    lib: `${base}/lib`,
  };
}

export const HOST_MACHINE: MachineRoot = machineBelow("");

const FOLDERS = ["proc", "sys", "etc", "run", "usr", "lib"] as const;

/** The path by which people know a file, whatever the root. */
export function shownPath(root: MachineRoot, path: string): string {
  for (const name of FOLDERS) {
    if (path.startsWith(`${root[name]}/`)) return `/${name}${path.slice(root[name].length)}`;
  }
  return path;
}

/**
 * The same path for the file behind symbolic links, which is the one to edit. A link that leads out of the root is not
 * followed.
 */
export function shownPathBehindLinks(root: MachineRoot, path: string): string {
  const real = realPath(path);
  for (const name of real === null ? [] : FOLDERS) {
    const folder = realPath(root[name]);
    if (folder !== null && real!.startsWith(`${folder}/`))
      return shownPath(root, `${root[name]}${real!.slice(folder.length)}`);
  }
  return shownPath(root, path);
}

function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch (error) {
    if (isAbsentOrForbidden(error)) return null;
    throw error;
  }
}
