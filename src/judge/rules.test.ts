// Goal: a rule has one name, used by its file, its function and what people see.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { RULE_NAMES } from "../model/index.ts";

const camel = (name: string): string =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
/** Names that are no rules, but ask for something or tell it. */
const OTHERS: readonly string[] = ["allowlist", "rules-restored", "operator", "unknown"];

test("a rule's file and function have its name, and every name has a rule", () => {
  const folder = path.join(import.meta.dirname, "rules");
  const files = globSync("*.ts", { cwd: folder });
  for (const file of files) {
    const name = path.basename(file, ".ts");
    const text = readFileSync(path.join(folder, file), "utf8");
    assert.ok(text.startsWith(`// ${name}: `), `${file} opens with its name`);
    assert.ok(text.includes(`const RULE: RuleName = "${name}";`), `${file} tells as ${name}`);
    assert.deepEqual(
      [...text.matchAll(/^export function (\w+)/gm)].map((match) => match[1]),
      [camel(name)],
      file,
    );
  }
  const names = [...files.map((file) => path.basename(file, ".ts")), ...OTHERS];
  assert.deepEqual(names.sort(), [...RULE_NAMES].sort());
});
