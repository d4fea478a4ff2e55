import assert from "node:assert/strict";
import { test } from "node:test";
import { ambiguousNames } from "./same-names.ts";
import { madeUp } from "./testing.ts";
import { type ForbiddenWord, forbiddenNames, wordsOfName } from "./words.ts";

test("wordsOfName() cuts a name wherever a word begins", () => {
  assert.equal(wordsOfName("lastScanAt"), "last scan at");
  assert.equal(wordsOfName("LAST_SCAN_AT"), "last scan at");
  assert.equal(wordsOfName("last-scan-at"), "last scan at");
  assert.equal(wordsOfName("parseHTTPRequest2"), "parse http request2");
});

const FORBIDDEN: ForbiddenWord = { word: /\blooks?\b/, instead: "scan", allowed: { lookUp: "of a name" } };

test("a forbidden word is found in names and files, and not in comments, strings or inside other words", () => {
  const sources = madeUp({
    "src/census/first-look.ts": "export interface A { readonly lookAt: number }",
    "src/census/scan.ts": '// look\nconst lookUp = outlook("look");\nconst { LAST_LOOK } = lookUp;',
  });
  assert.deepEqual(forbiddenNames(sources, [FORBIDDEN]), [
    "src/census/first-look.ts: first-look (say scan)",
    "src/census/first-look.ts: lookAt (say scan)",
    "src/census/scan.ts: LAST_LOOK (say scan)",
  ]);
});

test("a word may be forbidden in some files alone", () => {
  const sources = madeUp({ "src/track/a.ts": "const signal = 1;", "src/sip/a.ts": "const signal = 1;" });
  const word = { word: /^signal$/, instead: "trigger", where: /^src\/track\//, allowed: {} };
  assert.deepEqual(forbiddenNames(sources, [word]), ["src/track/a.ts: signal (say trigger)"]);
});

test("an allowed name that is nowhere is a fault", () => {
  assert.deepEqual(forbiddenNames(madeUp({ "src/a.ts": "const b = 1;" }), [FORBIDDEN]), [
    "lookUp is allowed and nowhere",
  ]);
});

test("a name that two files declare is a fault where one of them exports it, unless it is known to mean the same", () => {
  const sources = madeUp({
    "src/a.ts": "export interface Census {}\nconst local = 1;\nexport function own(): void {}",
    "src/b.ts": "class Census {}\nconst local = 2;\nexport const own = 3;",
    "src/b.test.ts": "export const local = 3;",
  });
  assert.deepEqual(ambiguousNames(sources, { own: "passes it on", gone: "was there" }), [
    "Census: *src/a.ts, src/b.ts",
    "gone is allowed and declared once",
  ]);
});
