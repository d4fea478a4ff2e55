// A server's files as the server sees them: below its own root folder, so that a container's file is the container's.
// Reading is bounded, since whoever runs the server has laid them out.

import path from "node:path";
import { type MachineRoot, readPlainFile } from "../linux/index.ts";
import type { ServerFiles } from "./config-setting.ts";
import { listFiles, type TakeEntry } from "./list-files.ts";

/** More than a configuration written by hand has. */
const FILES_MAX = 200;
const BYTES_MAX = 4 * 1024 * 1024;
/** Entries of the folders that patterns name, each time that one is listed. */
const ENTRIES_MAX = 20_000;

export interface BoundedFiles extends ServerFiles {
  /** Whether the files went on beyond the bound. */
  readonly cutShort: boolean;
}

export function serverFiles(root: MachineRoot, pid: number): BoundedFiles {
  let [filesLeft, bytesLeft, entriesLeft] = [FILES_MAX, BYTES_MAX, ENTRIES_MAX];
  let cutShort = false;
  const below = (file: string): string =>
    path.isAbsolute(file) ? `${root.proc}/${pid}/root` : `${root.proc}/${pid}/cwd/`;
  const takeEntry: TakeEntry = () => {
    if (entriesLeft > 0) entriesLeft--;
    else cutShort = true;
    return !cutShort;
  };
  return {
    get cutShort() {
      return cutShort;
    },
    read: (file) => {
      if (filesLeft <= 0 || bytesLeft <= 0) {
        cutShort = true;
        return null;
      }
      filesLeft--;
      const outside = hostPath(root, file);
      const text =
        readPlainFile(below(file) + file, BYTES_MAX) ??
        (outside === null ? null : readPlainFile(outside, BYTES_MAX));
      bytesLeft -= text?.length ?? 0;
      return text;
    },
    list: (pattern) => {
      if (!takeEntry()) return [];
      const found = listFiles(below(pattern), pattern, takeEntry);
      return (found.length > 0 ? found : listOutside(root, pattern, takeEntry)).sort();
    },
  };
}

/** Another user's root may not be followed; the host's file below /etc often may be read. */
function hostPath(root: MachineRoot, file: string): string | null {
  return file.startsWith("/etc/") ? root.etc + file.slice("/etc".length) : null;
}

function listOutside(root: MachineRoot, pattern: string, take: TakeEntry): string[] {
  const outside = hostPath(root, pattern);
  if (outside === null) return [];
  return listFiles("", outside, take).map((file) => `/etc${file.slice(root.etc.length)}`);
}
