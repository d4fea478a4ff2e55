// The schema for editors accepts what the loader accepts, and refuses slips that an editor can see.

import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { configExample } from "./example.ts";
import { configJsonSchema } from "./json-schema.ts";

const schema = z.fromJSONSchema(configJsonSchema() as Parameters<typeof z.fromJSONSchema>[0]);
const everything = configExample().replace(/^( *)#(?=\S)/gm, "$1");

test("the schema for editors accepts the example, as it is and with every setting taken in", () => {
  for (const text of [configExample(), everything]) {
    const result = schema.safeParse(parse(text));
    assert.ok(result.success, JSON.stringify(result.error?.issues));
  }
});

for (const [name, text] of [
  ["an unknown key", "bann: {}"],
  ["an unknown key deep inside", "listeners: [{ name: a, limits: { hold: 5s } }]"],
  ["a wrong word", "mode: enforcing"],
  ["a duration without unit", "ban: { first: 600 }"],
  ["a wrong unit", "ban: { first: 10min }"],
  ["a port out of range", "listeners: [{ name: a, ports: [70000] }]"],
  ["a listener without name", "listeners: [{ ports: [1] }]"],
  ["a percentage without sign", "scan: { cpuBudget: 5 }"],
] as const) {
  test(`the schema for editors refuses ${name}`, () => {
    assert.ok(!schema.safeParse(parse(text)).success);
  });
}

for (const text of [
  "listeners: [{ name: a, limits: { newPerSource: 128 per 10m, holdFor: off, connectionsPerSource: off } }]",
  "listeners: [{ name: a, limits: { newPerSource: off, speakWithin: 1m30s, connectionsPerSource: 9 }, netns: 4711 }]",
]) {
  test(`the schema for editors accepts ${text.slice(30)}`, () => {
    const result = schema.safeParse(parse(text));
    assert.ok(result.success, JSON.stringify(result.error?.issues));
  });
}

test("each setting has its words in the schema", () => {
  const text = JSON.stringify(configJsonSchema());
  assert.ok(text.includes("Accepted: a percentage above 0%"));
  assert.ok(text.includes("Danger: "));
});
