// Golden texts: output for people, kept in files and reviewed as a diff. `npm run golden` writes them anew.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";

/** Compares `text` with the file at `url`, or writes it there when SOCKWARDEN_GOLDEN=write. */
export function assertGolden(text: string, url: URL): void {
  if (process.env["SOCKWARDEN_GOLDEN"] === "write") writeFileSync(url, `${text}\n`);
  assert.equal(
    `${text}\n`,
    readFileSync(url, "utf8"),
    `differs from ${url.pathname}; npm run golden rewrites it`,
  );
}
