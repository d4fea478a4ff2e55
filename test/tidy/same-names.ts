// One name, one meaning: names that two files or more declare on their own level, at least one of them for others. Pure.

import { isTest } from "./rooms.ts";
import type { Source } from "./sources.ts";

/** The names with the files that declare them, a star before those that export it. */
export function sharedNames(sources: readonly Source[]): Map<string, string[]> {
  const declarers = new Map<string, Map<string, boolean>>();
  for (const { file, declared } of sources.filter(({ file }) => !isTest(file))) {
    for (const { name, exported } of declared) {
      const files = declarers.get(name) ?? new Map<string, boolean>();
      declarers.set(name, files.set(file, exported || files.get(file) === true));
    }
  }
  return new Map(
    [...declarers]
      .filter(([, files]) => files.size > 1 && [...files.values()].includes(true))
      .map(([name, files]) => [name, [...files].map(([file, exported]) => (exported ? `*${file}` : file))]),
  );
}
