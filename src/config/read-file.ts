// Reads one file of the configuration whole, bounded: text, or what is wrong with it.

import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import type { ProblemList } from "./problem.ts";

/** A thousand listeners with every key take half of it. */
export const CONFIG_BYTES_MAX: number = 1024 * 1024;

/** The text of a file; null, with a problem, where it cannot be read. */
export function readConfigFile(file: string, problems: ProblemList): string | null {
  const wrong = (message: string, accepted: string, line = 1, column = 1): null => {
    problems.add({ file, line, column }, [], message, accepted);
    return null;
  };
  let bytes: Buffer;
  try {
    bytes = readBounded(file);
  } catch (error) {
    if (error instanceof UnfitFile) return wrong(error.message, error.accepted);
    const { code, message } = error as NodeJS.ErrnoException;
    return wrong(`cannot be read: ${REASONS[code ?? ""] ?? message}`, "a file that this user may read");
  }
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  const { line, column } = firstForeignByte(bytes);
  return wrong("is not UTF-8 from here on", "text in UTF-8", line, column);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  ELOOP: "its symbolic links lead in a circle",
  ENOTDIR: "a part of its path is no folder",
};

class UnfitFile extends Error {
  readonly accepted: string;
  constructor(message: string, accepted: string) {
    super(message);
    this.accepted = accepted;
  }
}

function readBounded(file: string): Buffer {
  // Without O_NONBLOCK opening a FIFO would wait for its writer.
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!fstatSync(descriptor).isFile()) throw new UnfitFile("is not a regular file", "a YAML file");
    // The file's size is no bound: a file may grow while it is read.
    const bytes = Buffer.allocUnsafe(CONFIG_BYTES_MAX + 1);
    let length = 0;
    for (;;) {
      const got = readSync(descriptor, bytes, length, bytes.length - length, null);
      if (got === 0) return bytes.subarray(0, length);
      length += got;
      if (length > CONFIG_BYTES_MAX) throw new UnfitFile("is larger than 1 MiB", "a file of at most 1 MiB");
    }
  } finally {
    closeSync(descriptor);
  }
}

/** The place behind the longest beginning that is UTF-8. */
function firstForeignByte(bytes: Buffer): { line: number; column: number } {
  let start = 0;
  let line = 1;
  for (let end = bytes.indexOf(0x0a); end !== -1 && isUtf8(bytes.subarray(start, end)); line++) {
    start = end + 1;
    end = bytes.indexOf(0x0a, start);
  }
  // A streaming decoder holds an unfinished character back: fed byte by byte, it fails at the place.
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let column = 1;
  try {
    for (let i = start; i < bytes.length; i++)
      column += decoder.decode(bytes.subarray(i, i + 1), { stream: true }).length;
  } catch {
    // Found: the column stands behind the last whole character.
  }
  return { line, column };
}
