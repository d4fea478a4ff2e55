// Small made-up sources for the tests of the rules.

import { readSource, type Source } from "./sources.ts";

/** Sources from their texts, by file. */
export function madeUp(files: Readonly<Record<string, string>>): Source[] {
  return Object.entries(files).map(([file, text]) => readSource(file, text));
}
