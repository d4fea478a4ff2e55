// The output of `bans`.

import assert from "node:assert/strict";
import { test } from "node:test";
import { bans, NOW } from "../daemon-verbs/testing/documents.ts";
import { noPaint } from "../output.ts";
import { assertGolden } from "../testing/golden.ts";
import { bansText } from "./text.ts";

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);

test("bans shows the newest first, and how many more there are", () => {
  assertGolden(bansText(bans, 50, NOW, noPaint), fixture("bans.txt"));
  assert.match(bansText(bans, 2, NOW, noPaint), /\n\n\.\.\. and 1 more: --top 3 shows all$/);
});

test("no bans are said to be none", () => {
  assert.equal(bansText({ schema: 1, bans: [] }, 50, NOW, noPaint), "No bans.");
});
