// Reads files that others have laid out. Whoever runs a server chooses what lies at its paths. A pipe that never ends,
// a device, or a file without end must not hold the reader up.

import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from "node:fs";
import { errorCode } from "../model/index.ts";
import { isAbsentOrForbidden } from "./system-root.ts";

/**
 * The text of a regular file of at most `bytesMax`; null for anything else, and for a file that may not be read. Never
 * waits.
 */
export function readPlainFile(path: string, bytesMax: number): string | null {
  try {
    // The kind is checked first: merely opening a device can do something.
    if (!statSync(path).isFile()) return null;
    // O_NONBLOCK keeps the call from waiting if another process puts a pipe there meanwhile.
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      const opened = fstatSync(fd);
      return opened.isFile() && opened.size <= bytesMax ? readFileSync(fd, "utf8") : null;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (isAbsentOrForbidden(error) || isUnreachable(error)) return null;
    throw error;
  }
}

/** Errors of paths that lead nowhere: links in a circle, names that are too long. */
function isUnreachable(error: unknown): boolean {
  return ["ELOOP", "ENAMETOOLONG"].includes(errorCode(error));
}
