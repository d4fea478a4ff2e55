// The page for users lists every outcome with the program's own words, so that it cannot drift.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { DEGRADED_OUTCOMES, DOWN_OUTCOMES, stateOf, UP_OUTCOMES } from "./outcome.ts";
import { outcomeWords } from "./words.ts";

test("docs/ping.md lists every outcome with its state, what was seen and what it means", () => {
  const page = readFileSync(path.join(import.meta.dirname, "../../docs/ping.md"), "utf8");
  // The formatter pads the columns of a table.
  const rows = page.split("\n").map((line) => line.split("|").map((cell) => cell.trim()));
  for (const outcome of [...UP_OUTCOMES, ...DEGRADED_OUTCOMES, ...DOWN_OUTCOMES]) {
    const { text, cause } = outcomeWords(outcome);
    const row = rows.find((cells) => cells[1] === `\`${outcome}\` (${stateOf(outcome)})`);
    assert.deepEqual(row?.slice(3, 5), [text, cause || "-"], `the row of ${outcome}`);
  }
});
