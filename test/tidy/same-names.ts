// One name, one meaning: names that two or more files declare on their own level, and at least one exports. Pure.

import { isTest } from "./rooms.ts";
import type { Source } from "./sources.ts";

/** The names with the files that declare them, a star before those that export it. */
function sharedNames(sources: readonly Source[]): Map<string, string[]> {
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

/** Names that may be declared twice, since they mean the same; each with the reason. */
export const SAME_MEANING: Readonly<Record<string, string>> = {
  runDaemon: "the door's loads the room's own when it is called",
};

/** Names that two files declare and one of them exports, unless they are known to mean the same. */
export function ambiguousNames(
  sources: readonly Source[],
  sameMeaning: Readonly<Record<string, string>>,
): string[] {
  const shared = sharedNames(sources);
  return [
    ...[...shared]
      .filter(([name]) => !Object.hasOwn(sameMeaning, name))
      .map(([name, files]) => `${name}: ${files.join(", ")}`),
    ...Object.keys(sameMeaning)
      .filter((name) => !shared.has(name))
      .map((name) => `${name} is allowed and declared once`),
  ];
}
