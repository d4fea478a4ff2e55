// Finds the files to read: the main one, then those of the conf.d beside it in the order of their names.

import { lstatSync, readdirSync } from "node:fs";
import path from "node:path";
import type { Environment } from "./places.ts";
import type { ProblemList } from "./problem.ts";

/** A folder of more files is not one of ours. */
const FILES_MAX = 200;

export interface FileChoice {
  readonly file: string | null;
  readonly env: Environment;
  readonly root?: string;
}

/** The paths in the order of reading. A file that was asked for is among them even if it does not exist. */
export function findFiles(
  { file, env, root }: FileChoice,
  defaultPlace: string,
  problems: ProblemList,
): string[] {
  const asked = file ?? (env["SOCKWARDEN_CONFIG"] || null);
  const main = asked ?? path.join(root ?? "/", defaultPlace);
  const folder = path.join(path.dirname(main), "conf.d");
  return [...(asked !== null || isThere(main) ? [main] : []), ...listFolder(folder, problems)];
}

/** Dangling links and forbidden files count as there: reading them then says what is wrong. */
function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ENOTDIR";
  }
}

function listFolder(folder: string, problems: ProblemList): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTDIR") {
      problems.add({ file: folder, line: 1, column: 1 }, [], `cannot be read: ${message}`, "a folder");
    }
    return [];
  }
  // Editors leave hidden files behind.
  const files = names.filter((name) => name.endsWith(".yaml") && !name.startsWith(".")).sort();
  if (files.length > FILES_MAX) {
    const message = `has ${files.length} files`;
    problems.add({ file: folder, line: 1, column: 1 }, [], message, `at most ${FILES_MAX} files`);
  }
  return files.slice(0, FILES_MAX).map((name) => path.join(folder, name));
}
