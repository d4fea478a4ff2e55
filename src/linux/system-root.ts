// The places of /proc and /sys. They are a parameter of every reader, so that tests read made-up trees and a
// container's /proc can be read from outside it.

import { readFileSync } from "node:fs";
import { errorCode } from "../model/index.ts";

export interface SystemRoot {
  readonly proc: string;
  readonly sys: string;
}

export const HOST_ROOT: SystemRoot = { proc: "/proc", sys: "/sys" };

/** A file's text; null if it is not there or not ours to read. Other errors are thrown. */
export function readTextIfAllowed(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isAbsentOrForbidden(error)) return null;
    throw error;
  }
}

/** Whether a file is gone or forbidden. Both are normal: processes end while they are read, and belong to others. */
export function isAbsentOrForbidden(error: unknown): boolean {
  return isAbsent(error) || isForbidden(error);
}

export function isAbsent(error: unknown): boolean {
  return ["ENOENT", "ESRCH", "ENOTDIR"].includes(errorCode(error));
}

export function isForbidden(error: unknown): boolean {
  return ["EACCES", "EPERM"].includes(errorCode(error));
}
