// The output of `config explain`, and the two files in examples/ that are made from the settings.

import { test } from "node:test";
import { configExample, configJsonSchema, explainKey, settingExplanations } from "../../config/index.ts";
import { assertGolden } from "../testing/golden.ts";
import { settingListText, settingText } from "./text.ts";

const fixture = (name: string): URL => new URL(`./fixtures/${name}`, import.meta.url);
const example = (name: string): URL => new URL(`../../../examples/${name}`, import.meta.url);

test("examples/sockwarden.yaml has the words and defaults of the code", () => {
  assertGolden(configExample().trimEnd(), example("sockwarden.yaml"));
});

test("examples/sockwarden.schema.json is the schema of the code", () => {
  assertGolden(JSON.stringify(configJsonSchema(), null, 2), example("sockwarden.schema.json"));
});

test("config explain lists all settings", () => {
  assertGolden(settingListText(settingExplanations()), fixture("explain-all.txt"));
});

for (const key of ["holdFor", "ban"]) {
  test(`config explain tells of ${key}`, () => {
    const explained = explainKey(key);
    const text = explained.found ? settingText(explained.setting, explained.inside) : "";
    assertGolden(text, fixture(`explain-${key}.txt`));
  });
}
