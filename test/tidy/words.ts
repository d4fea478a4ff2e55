// One word per idea: the words that shall not come back in names, as data, and the rule that finds them. Pure.

import type { Source } from "./sources.ts";

export interface ForbiddenWord {
  /** Matches in the words of a name, in lower case with blanks between them: "last scan at". */
  readonly word: RegExp;
  /** The right word for the idea. */
  readonly instead: string;
  /** The files in which it is forbidden; without it, all. */
  readonly where?: RegExp;
  /** Names that have the word in another meaning, with that meaning. An allowed name found nowhere is a fault, too. */
  readonly allowed: Readonly<Record<string, string>>;
}

/** The words of a name: `lastScanAt`, `LAST_SCAN_AT` and `last-scan-at` are "last scan at". */
export function wordsOfName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, " ")
    .trim();
}

/** Every name in a file's code, and the file's own. */
function namesIn({ file, code }: Source): Set<string> {
  const own = file.split("/").map((part) => part.replace(/(\.[a-z]+)*\.ts$/, ""));
  return new Set([...own, ...(code.match(/[A-Za-z_$][\w$]*/g) ?? [])]);
}

/** Names with a forbidden word, and allowed names that are nowhere. */
export function forbiddenNames(sources: readonly Source[], words: readonly ForbiddenWord[]): string[] {
  const seen = words.map(() => new Set<string>());
  const faults = sources.flatMap((source) => {
    const names = [...namesIn(source)].map((name) => ({ name, words: wordsOfName(name) }));
    return words.flatMap(({ word, instead, where, allowed }, i) => {
      if (where?.test(source.file) === false) return [];
      const found = names.filter((each) => word.test(each.words));
      for (const { name } of found) seen[i]!.add(name);
      return found
        .filter(({ name }) => !Object.hasOwn(allowed, name))
        .map(({ name }) => `${source.file}: ${name} (say ${instead})`);
    });
  });
  const stale = words.flatMap(({ allowed }, i) =>
    Object.keys(allowed)
      .filter((name) => !seen[i]!.has(name))
      .map((name) => `${name} is allowed and nowhere`),
  );
  return [...faults, ...stale];
}
