import assert from "node:assert/strict";
import { test } from "node:test";
import { blankOut } from "./blank-out.ts";
import { readSource } from "./sources.ts";

test("blankOut() keeps code and places, and blanks comments, strings, templates and patterns", () => {
  const text = [
    'const a = "b // c"; // d',
    `/* e\n */ const f = /[/"]g/.test(h) ? 4 / 2 : \`i \${j({ k: \`l \${m}\` })} n\`;`,
    'const o = "\\"p";',
  ].join("\n");
  const code = blankOut(text);
  assert.equal(code.length, text.length);
  assert.equal(code.split("\n").length, text.split("\n").length);
  const names = [...code.matchAll(/[a-z]\w*/g)].map(([name]) => name);
  assert.deepEqual(names, ["const", "a", "const", "f", "test", "h", "j", "k", "m", "const", "o"]);
});

test("blankOut() tells a division from a pattern", () => {
  assert.equal(blankOut("(a) / b / c"), "(a) / b / c");
  assert.equal(blankOut("return /b c/.source"), "return /   /.source");
  assert.equal(blankOut("x[0] / y // z"), "x[0] / y     ");
});

const SOURCE = readSource(
  "src/census/tally.ts",
  `// import { no } from "./comment.ts";
import type { A } from "../model/index.ts";
import all, { b as c, type D } from "./b.ts";
import * as e from "node:fs";
import "./effect.ts";
export { f as g } from "./f.ts";
export type * from "./h.ts";

export const i = 1;
const text = \`
import { no } from "./template.ts";
\`;
export async function j(): Promise<void> {
  const { k, l: m } = await import("./k.ts");
  return (await import("./n.ts")).n(k, m, text, i);
}
interface O {}
export { text };
`,
);

test("readSource() finds what a file imports, by the names it takes and whether they are types alone", () => {
  assert.deepEqual(
    SOURCE.imports.map(({ file, name, taken, typesOnly, waits }) => [
      file ?? name,
      taken.join(),
      typesOnly,
      waits,
    ]),
    [
      ["src/model/index.ts", "A", true, false],
      ["src/census/b.ts", "default,b,D", false, false],
      ["node:fs", "*", false, false],
      ["src/census/f.ts", "f", false, false],
      ["src/census/h.ts", "*", true, false],
      ["src/census/effect.ts", "", false, false],
      ["src/census/k.ts", "k,l", false, true],
      ["src/census/n.ts", "*", false, true],
    ],
  );
});

test("readSource() finds what a file exports and declares", () => {
  assert.deepEqual(SOURCE.exports, [
    { name: "i", from: null },
    { name: "j", from: null },
    { name: "g", from: "src/census/f.ts" },
    { name: "*", from: "src/census/h.ts" },
    { name: "text", from: null },
  ]);
  assert.deepEqual(
    SOURCE.declared.map(({ name, exported }) => (exported ? `*${name}` : name)),
    ["*i", "text", "*j", "O"],
  );
});
