import assert from "node:assert/strict";
import { test } from "node:test";
import {
  circles,
  forbiddenImports,
  importsOfTests,
  importsPastDoors,
  unreachedFiles,
  unusedExports,
} from "./imports.ts";
import type { RoomTable } from "./rooms.ts";
import { madeUp } from "./testing.ts";

const ROOMS: RoomTable = {
  "src/model": { all: [], types: [] },
  "src/census": { all: ["src/model"], types: [] },
  "src/judge": { all: ["src/model"], types: ["src/census"] },
};

test("an import that the table has not is a fault", () => {
  const sources = madeUp({
    "src/model/index.ts": 'import { x } from "../census/index.ts";',
    "src/census/index.ts": 'import { y } from "../model/index.ts";',
    "src/judge/late.ts": 'const { z } = await import("../guard/index.ts");',
  });
  assert.deepEqual(forbiddenImports(sources, ROOMS), [
    "src/model/index.ts imports src/census/index.ts",
    "src/judge/late.ts imports src/guard/index.ts",
  ]);
});

test("an import by value is a fault where the table says types, a test's excepted", () => {
  const sources = madeUp({
    "src/judge/step.ts": 'import type { Census } from "../census/index.ts";',
    "src/judge/shed.ts": 'import { type Census, count } from "../census/index.ts";',
    "src/judge/rise.ts": 'import { type Census } from "../census/index.ts";',
    "src/judge/pass.ts": 'export * from "../census/index.ts";',
    "src/judge/shed.test.ts": 'import { count } from "../census/index.ts";',
  });
  assert.deepEqual(forbiddenImports(sources, ROOMS), [
    "src/judge/shed.ts imports more than types from src/census/index.ts",
    "src/judge/rise.ts imports more than types from src/census/index.ts",
    "src/judge/pass.ts imports more than types from src/census/index.ts",
  ]);
});

test("an import past a door is a fault, a test's excepted", () => {
  const sources = madeUp({
    "src/census/tally.ts": 'import { a } from "../model/address.ts";\nimport { b } from "./count.ts";',
    "src/census/tally.test.ts": 'import { a } from "../model/address.ts";',
  });
  assert.deepEqual(importsPastDoors(sources), ["src/census/tally.ts imports src/model/address.ts"]);
});

test("a file of the program that imports what is made for tests is a fault", () => {
  const sources = madeUp({
    "src/census/tally.ts": 'import { a } from "./fakes.ts";\nimport { b } from "./testing/kit.ts";',
    "src/census/tally.test.ts": 'import { a } from "./fakes.ts";',
  });
  assert.deepEqual(importsOfTests(sources), [
    "src/census/tally.ts imports src/census/fakes.ts",
    "src/census/tally.ts imports src/census/testing/kit.ts",
  ]);
});

test("a circle is told once, by its shortest way, also where types alone close it", () => {
  const sources = madeUp({
    "a.ts": 'import { b } from "./b.ts";',
    "b.ts": 'import type { C } from "./c.ts";\nimport { d } from "./d.ts";',
    "c.ts": 'export type { A } from "./a.ts";',
    "d.ts": 'import { e } from "./e.ts";',
    "e.ts": "export const e = 1;",
  });
  assert.deepEqual(circles(sources), ["a.ts -> b.ts -> c.ts -> a.ts"]);
});

test("a circle is one although an import waits until it is needed", () => {
  const sources = madeUp({
    "a.ts": 'export const a = async () => (await import("./b.ts")).b();',
    "b.ts": 'import type { A } from "./a.ts";',
  });
  assert.deepEqual(circles(sources), ["a.ts -> b.ts -> a.ts"]);
});

test("two circles that share a file are two", () => {
  const sources = madeUp({
    "a.ts": 'import { b } from "./b.ts";\nimport { c } from "./c.ts";',
    "b.ts": 'import { a } from "./a.ts";',
    "c.ts": 'import { a } from "./a.ts";',
  });
  assert.deepEqual(circles(sources), ["a.ts -> b.ts -> a.ts", "c.ts -> a.ts -> c.ts"]);
});

test("imports that do not come back are no circle", () => {
  const sources = madeUp({
    "a.ts": 'import { b } from "./b.ts";\nimport { c } from "./c.ts";',
    "b.ts": 'import { c } from "./c.ts";',
    "c.ts": "",
  });
  assert.deepEqual(circles(sources), []);
});

test("a name that a door offers and only its own room takes is a fault", () => {
  const sources = madeUp({
    "src/census/index.ts":
      'export { count, type Tally } from "./tally.ts";\nexport type * from "./census.ts";\nexport const OWN = 1;',
    "src/census/tally.ts": "export function count(): void {}\nexport interface Tally {}",
    "src/census/census.ts": "export interface Census {}\nexport interface Row {}",
    "src/census/tally.test.ts": 'import type { Tally } from "./index.ts";',
    "src/judge/step.ts": 'import type { Census } from "../census/index.ts";',
    "src/daemon/core.ts": 'const { count } = await import("../census/index.ts");',
  });
  assert.deepEqual(unusedExports(sources, ROOMS), [
    "src/census/index.ts exports OWN",
    "src/census/index.ts exports Tally",
    "src/census/index.ts exports Row",
  ]);
});

test("a file that no entry reaches is a fault, and so is one that its own test alone reaches", () => {
  const sources = madeUp({
    "src/cli/main.ts": 'import { a } from "./a.ts";',
    "src/cli/a.ts": "",
    "src/cli/dead.ts": "",
    "src/cli/forgotten.ts": "",
    "src/cli/forgotten.test.ts": 'import "./forgotten.ts";\nimport "./testing/kit.ts";',
    "src/cli/testing/kit.ts": "",
    "src/cli/testing/dead-kit.ts": "",
  });
  const entries = { "src/cli/main.ts": "bin/sockwarden.js" };
  const starters = { "bin/sockwarden.js": "import(main)" };
  assert.deepEqual(unreachedFiles(sources, entries, starters), [
    "src/cli/dead.ts is reached by nothing",
    "src/cli/forgotten.ts is reached by nothing",
    "src/cli/testing/dead-kit.ts is reached by nothing",
  ]);
});

test("an entry whose starter does not name it is a fault", () => {
  const sources = madeUp({
    "src/census/scanner.ts": 'new Worker("./other.ts");',
    "src/census/scan-worker.ts": "",
  });
  const entries = { "src/census/scan-worker.ts": "src/census/scanner.ts", "src/census/scanner.ts": "bin" };
  assert.deepEqual(unreachedFiles(sources, entries, { bin: "scanner" }), [
    "src/census/scan-worker.ts is not started by src/census/scanner.ts",
  ]);
});
