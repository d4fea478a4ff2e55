// Taste that runs: the rules of the house, one test each, over the sources as they lie here. The rules and their data
// are in tidy/: rooms.ts (who may import whom), imports.ts (doors, circles, unreached files), clocks.ts and effects.ts
// (calls that only some places may make), packages.ts, vocabulary.ts and words.ts, same-names.ts. Tests in
// tidy/*.test.ts show on small made-up sources that each rule bites.

import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { describedRooms } from "./tidy/architecture.ts";
import { CLOCK } from "./tidy/clocks.ts";
import { RESERVED, reservedCalls } from "./tidy/effects.ts";
import { ENTRIES } from "./tidy/entries.ts";
import {
  circles,
  forbiddenImports,
  importsOfTests,
  importsPastDoors,
  unreachedFiles,
  unusedExports,
} from "./tidy/imports.ts";
import { DEPENDENCIES, strayPackages } from "./tidy/packages.ts";
import { isTest, ROOMS, roomOf } from "./tidy/rooms.ts";
import { ambiguousNames, SAME_MEANING } from "./tidy/same-names.ts";
import { readSource, type Source } from "./tidy/sources.ts";
import { importsOfVerbs, importsOutOfTable, roomsAtStart, VERBS, verbsOutOfTable } from "./tidy/verbs.ts";
import { FORBIDDEN_WORDS } from "./tidy/vocabulary.ts";
import { forbiddenNames } from "./tidy/words.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

const sources: readonly Source[] = globSync("{src,lab,bench,test}/**/*.ts", { cwd: root })
  .sort()
  .map((file) => readSource(file, read(file)));
const program = sources.filter(({ file }) => !isTest(file));

test("every folder of code is a room of the import table", () => {
  assert.deepEqual([...new Set(sources.map(({ file }) => roomOf(file)))].sort(), Object.keys(ROOMS).sort());
});

test("docs/architecture.md and the import table agree on the rooms", () => {
  const sorted = (rooms: typeof ROOMS) =>
    Object.entries(rooms)
      .map(([room, { all, types }]) => [room, [...all].sort(), [...types].sort()])
      .sort();
  assert.deepEqual(sorted(describedRooms(read("docs/architecture.md"))), sorted(ROOMS));
});

test("rooms import only whom the table allows, and types alone where it says so", () => {
  assert.deepEqual(forbiddenImports(sources, ROOMS), []);
});

test("rooms are entered by their door; only tests and benchmarks reach inside", () => {
  assert.deepEqual(importsPastDoors(sources), []);
});

test("the program never imports what is made for tests", () => {
  assert.deepEqual(importsOfTests(sources), []);
});

test("no imports go round in a circle, those of types included", () => {
  assert.deepEqual(circles(sources), []);
});

test("a door offers nothing that nobody outside its room takes", () => {
  // The contract is a promise to scripts and people, even if nobody here takes its types.
  const { exports } = sources.find(({ file }) => file === "src/api/contract.ts")!;
  const promised = exports.map(({ name }) => `src/api/index.ts exports ${name}`);
  assert.deepEqual(
    unusedExports(sources, ROOMS).filter((fault) => !promised.includes(fault)),
    [],
  );
});

test("every file is reached from an entry", () => {
  const starters = { "bin/sockwarden.js": read("bin/sockwarden.js"), "package.json": read("package.json") };
  assert.deepEqual(unreachedFiles(sources, ENTRIES, starters), []);
});

test("every room has a door that says what it is for", () => {
  for (const room of Object.keys(ROOMS).filter((name) => name.startsWith("src/") && name !== "src/cli")) {
    const door = read(`${room}/index.ts`);
    const header = /^(\/\/.*\n)+/.exec(door)?.[0].split("\n").length ?? 0;
    assert.ok(header > 3, `${room}/index.ts opens with ${header} lines of header`);
    assert.match(door, /Promises:/);
  }
});

test("every file opens with what it is for", () => {
  const silent = program.filter(({ text }) => !/^(#!.*\n)?\/[/*]/.test(text));
  assert.deepEqual(
    silent.map(({ file }) => file),
    [],
  );
});

test("every folder of the command line is a verb's or shared by verbs, and has its row", () => {
  assert.deepEqual(verbsOutOfTable(sources, VERBS), []);
});

test("each verb imports the rooms of its row, all of them and no others", () => {
  assert.deepEqual(importsOutOfTable(sources, VERBS), []);
});

test("a verb's files are reached by that verb alone, and its command.ts by main.ts alone", () => {
  assert.deepEqual(importsOfVerbs(sources, VERBS), []);
});

test("the command line starts with the model alone: other rooms wait for the verb that needs them", () => {
  assert.deepEqual(roomsAtStart(sources), ["src/cli", "src/model"]);
});

for (const reserved of RESERVED) {
  test(`${reserved.what} is used where it belongs: ${reserved.why}`, () => {
    assert.deepEqual(reservedCalls(sources, reserved), []);
  });
}

test(`the clock is read where it is listed, and nowhere else: ${CLOCK.why}`, () => {
  assert.deepEqual(reservedCalls(program, CLOCK), []);
});

test("names have the words of the house", () => {
  assert.deepEqual(forbiddenNames(sources, FORBIDDEN_WORDS), []);
});

test("a name that is exported means one thing: no other file declares it for another", () => {
  assert.deepEqual(ambiguousNames(program, SAME_MEANING), []);
});

test("runtime dependencies are those listed, pinned, and imported where they belong", () => {
  const manifest = JSON.parse(read("package.json"));
  assert.deepEqual(Object.keys(manifest.dependencies).sort(), Object.keys(DEPENDENCIES).sort());
  for (const version of Object.values({ ...manifest.dependencies, ...manifest.devDependencies })) {
    assert.match(String(version), /^\d+\.\d+\.\d+$/);
  }
  assert.deepEqual(strayPackages(program, DEPENDENCIES), []);
});

test("the lockfile names no registry's address", () => {
  assert.doesNotMatch(
    read("package-lock.json"),
    /https?:\/\/(?!.*(opencollective|github|tidelift|patreon|paulmillr|feross|buymeacoffee))[^"]*\.tgz/,
  );
});

test("every fixture has a note on where it comes from", () => {
  for (const file of globSync("{src,lab,bench,test}/**/fixtures/*", { cwd: root })) {
    const notes = path.join(root, path.dirname(file), "README.md");
    assert.ok(existsSync(notes), `${path.dirname(file)} has a README.md`);
    if (path.basename(file) === "README.md") continue;
    assert.ok(
      readFileSync(notes, "utf8").includes(path.basename(file)),
      `${notes} tells of ${path.basename(file)}`,
    );
  }
});

test("links between documents lead somewhere", () => {
  for (const file of globSync("{*.md,docs/**/*.md,bench/*.md}", { cwd: root })) {
    for (const [, target] of read(file).matchAll(/\]\((?!https?:|#|mailto:)([^)#]+)/g)) {
      assert.ok(existsSync(path.join(root, path.dirname(file), target!)), `${file} links to ${target}`);
    }
  }
});

test("the longest files, for the reader to judge", (t) => {
  const byLength = sources
    .map(({ file, text }) => ({ file, lines: text.split("\n").length }))
    .sort((a, b) => b.lines - a.lines);
  for (const { file, lines } of byLength.slice(0, 5)) t.diagnostic(`${lines} lines: ${file}`);
  assert.ok(byLength.length > 0);
});
