// Folders of *.conf files as systemd reads them. Of files with one name only the one in the folder of highest rank
// counts. The files are read in the order of their names, wherever they lie (sysctl.d(5), systemd.unit(5)).

import { readdirSync, readlinkSync } from "node:fs";
import path from "node:path";

/** The files that count, in the order of reading. `folders` come with the highest rank first. */
export function listConfFiles(folders: readonly string[]): string[] {
  const byName = new Map<string, string>();
  for (const folder of folders) {
    for (const name of confNames(folder)) if (!byName.has(name)) byName.set(name, `${folder}/${name}`);
  }
  return [...byName]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, file]) => file)
    .filter((file) => !isMasked(file));
}

/** A link to /dev/null silences every file of its name. */
function isMasked(file: string): boolean {
  try {
    return path.resolve(path.dirname(file), readlinkSync(file)) === "/dev/null";
  } catch {
    return false;
  }
}

function confNames(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".conf"));
  } catch {
    // Most machines have only some of the folders.
    return [];
  }
}
