// A server's files as the server sees them: below its own root folder, so that a container's file is the container's.

import { globSync } from "node:fs";
import path from "node:path";
import { type MachineRoot, readTextIfAllowed } from "../linux/index.ts";
import type { ServerFiles } from "./config-setting.ts";

export function serverFiles(root: MachineRoot, pid: number): ServerFiles {
  const below = (file: string): string =>
    path.isAbsolute(file) ? `${root.proc}/${pid}/root` : `${root.proc}/${pid}/cwd/`;
  return {
    read: (file) => {
      const outside = hostPath(root, file);
      return readTextIfAllowed(below(file) + file) ?? (outside === null ? null : readTextIfAllowed(outside));
    },
    list: (pattern) => {
      const own = below(pattern);
      const found = globSync(own + pattern).map((file) => file.slice(own.length));
      return (found.length > 0 ? found : listOutside(root, pattern)).sort();
    },
  };
}

/** Another user's root may not be followed; the host's file below /etc often may be read. */
function hostPath(root: MachineRoot, file: string): string | null {
  return file.startsWith("/etc/") ? root.etc + file.slice("/etc".length) : null;
}

function listOutside(root: MachineRoot, pattern: string): string[] {
  const outside = hostPath(root, pattern);
  return outside === null ? [] : globSync(outside).map((file) => `/etc${file.slice(root.etc.length)}`);
}
