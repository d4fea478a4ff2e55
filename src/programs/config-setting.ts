// The common parts of all parsers: a setting with its place, and the files that one file may include.

import path from "node:path";

/** One setting with the place it has in a file. */
export interface ConfigSetting {
  readonly name: string;
  readonly value: string;
  readonly file: string;
  readonly line: number;
}

/** A server's files, by the paths that the server knows them by: absolute, or relative to where it runs. */
export interface ServerFiles {
  /** Null where the file is not there or not ours to read. */
  readonly read: (file: string) => string | null;
  /** The files that a path with `*` stands for, in the order of their names. */
  readonly list: (pattern: string) => readonly string[];
}

/** The deepest include within includes that is followed. */
export const INCLUDE_DEPTH_MAX = 4;

/** The path of a file that `file` includes as `wanted`: beside it, unless it is absolute. */
export function includedPath(file: string, wanted: string): string {
  return path.isAbsolute(wanted) ? path.normalize(wanted) : path.join(path.dirname(file), wanted);
}
