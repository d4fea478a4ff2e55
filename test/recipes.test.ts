// Goal: the recipes of docs/architecture.md are true. A piece that is added by one passes the gate, and touches as many
// files as it says. Way: a made-up piece for each, all laid into a copy of the project. There the golden texts are
// written anew, and types, format, the rules of the house and the tests that the pieces touch are tried.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { RECIPES } from "./recipes/made-up.ts";
import { countsIn, edited, filesOf } from "./recipes/recipe.ts";
import { type Ended, ProjectCopy } from "./recipes/tree.ts";

const ARCHITECTURE = readFileSync(new URL("../docs/architecture.md", import.meta.url), "utf8");

test("each recipe takes as many files as docs/architecture.md says, and each of its counts is tried", () => {
  const counted = RECIPES.map((recipe) => [recipe.title, filesOf(recipe).length] as const);
  assert.deepEqual(new Map(counted), countsIn(ARCHITECTURE));
});

test("an edit whose line is not there, or there twice, or whose file is there already, is refused", () => {
  const edit = { file: "a.ts", line: "b", becomes: "c" };
  assert.equal(edited("a\nb\n", edit), "a\nc\n");
  assert.throws(() => edited("a\n", edit), /not one line/);
  assert.throws(() => edited("b\nb\n", edit), /not one line/);
  assert.throws(() => edited(null, edit), /not one line/);
  assert.throws(() => edited("", { file: "a.ts", text: "" }), /there already/);
});

describe("with every made-up piece laid in by its recipe", () => {
  let copy: ProjectCopy;
  before(async () => {
    copy = new ProjectCopy();
    for (const recipe of RECIPES) copy.layIn(recipe);
    passed(await copy.run("node", ["--test", ...GOLDEN], { SOCKWARDEN_GOLDEN: "write" }));
  });
  after(() => copy[Symbol.dispose]());

  test("the types fit", async () => passed(await copy.run("tsc", [])));

  test("the format and the lint are kept", async () =>
    passed(await copy.run("biome", ["ci", "--vcs-enabled=false", "src", "test"])));

  test("the rules of the house hold", async () =>
    passed(await copy.run("node", ["--test", "test/tidy.test.ts"])));

  test("the tests of what they touch pass", async () =>
    passed(await copy.run("node", ["--test", ...TOUCHED])));

  test("each piece is wired", async () =>
    passed(await copy.run("node", ["--test", "test/recipes/wired.ts"])));
});

/** Tests that write the lists of all pieces. */
const GOLDEN = ["src/**/*.golden.test.ts"];
const TOUCHED = [
  "src/api/app.test.ts",
  "src/config/example.test.ts",
  "src/config/json-schema.test.ts",
  "src/doctor/checks.test.ts",
  "src/enforce/*.test.ts",
  "src/judge/step.test.ts",
  "src/track/exchanges.test.ts",
];

function passed({ code, output }: Ended): void {
  assert.equal(code, 0, output.slice(-6000));
}
