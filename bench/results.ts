// bench/RESULTS.md as sections, each opened by its heading. A run of one bench replaces its own and keeps the others.

import { readFileSync, writeFileSync } from "node:fs";

const FILE = new URL("./RESULTS.md", import.meta.url);

const INTRODUCTION =
  "# Results\n\nWritten by `npm run bench`. Times differ between machines and minutes; the ratios are taken within one run.";

/**
 * Puts `section`, with the line that says where it was measured, in place of the section with its heading, or else at
 * the end.
 */
export function keepResult(section: string, measured: string): void {
  const [heading, ...rest] = section.split("\n\n");
  const fresh = [heading!, measured, ...rest].join("\n\n");
  const sections = readSections();
  const at = sections.findIndex((one) => one.startsWith(`${heading}\n`));
  if (at < 0) sections.push(fresh);
  else sections[at] = fresh;
  writeFileSync(FILE, `${[INTRODUCTION, ...sections].join("\n\n")}\n`);
}

function readSections(): string[] {
  return readFileSync(FILE, "utf8")
    .split(/^(?=## )/m)
    .slice(1)
    .map((section) => section.trimEnd());
}
