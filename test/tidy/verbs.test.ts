import assert from "node:assert/strict";
import { test } from "node:test";
import { madeUp } from "./testing.ts";
import { importsOfVerbs, importsOutOfTable, roomsAtStart, type VerbTable, verbsOutOfTable } from "./verbs.ts";

const TABLE: VerbTable = {
  common: ["src/model"],
  verbs: { who: ["src/census"], ban: [] },
  shared: { "": [], text: [] },
};

const SOUND = {
  "src/cli/main.ts":
    'import { registerWho } from "./who/command.ts";\nimport { registerBan } from "./ban/command.ts";',
  "src/cli/who/command.ts": 'export const registerWho = () => import("./run.ts");',
  "src/cli/who/run.ts":
    'import { scan } from "../../census/index.ts";\nimport { count } from "../../model/index.ts";',
  "src/cli/ban/command.ts": 'import { table } from "../text/table.ts";',
  "src/cli/text/table.ts": "",
  "src/cli/who/run.test.ts": 'import { ban } from "../ban/command.ts";',
};

const faults = (files: Readonly<Record<string, string>>): string[] => {
  const sources = madeUp({ ...SOUND, ...files });
  return [verbsOutOfTable, importsOutOfTable, importsOfVerbs].flatMap((rule) => rule(sources, TABLE));
};

test("verbs that keep to their rows and apart are no fault", () => {
  assert.deepEqual(faults({}), []);
});

test("a folder without a row, a row without a folder, a verb without a command are faults", () => {
  const { "src/cli/ban/command.ts": _, ...rest } = SOUND;
  const sources = madeUp({
    ...rest,
    "src/cli/evict/command.ts": "",
    "src/cli/ban/run.ts": "",
    "src/cli/text/command.ts": "",
  });
  const table = { ...TABLE, shared: { ...TABLE.shared, gone: [] } };
  assert.deepEqual(verbsOutOfTable(sources, table), [
    "src/cli/evict has no row",
    "src/cli/gone has a row and no file",
    "src/cli/ban has no command.ts",
    "src/cli/text is a verb",
  ]);
});

test("a room that a verb's row has not is a fault, and so is one that it has and does not import", () => {
  const changed = {
    "src/cli/who/run.ts": 'import { step } from "../../judge/index.ts";',
    "src/cli/ban/run.ts": 'import type { Census } from "../../census/index.ts";',
  };
  assert.deepEqual(faults(changed), [
    "src/cli/who imports src/judge",
    "src/cli/who does not import src/census",
    "src/cli/ban imports src/census",
  ]);
});

test("a verb's file that another verb or a shared file imports is a fault", () => {
  const changed = {
    "src/cli/ban/run.ts": 'import { who } from "../who/run.ts";',
    "src/cli/text/table.ts": 'import type { Ban } from "../ban/run.ts";',
    "src/cli/who/text.ts": 'import { registerWho } from "./command.ts";',
  };
  assert.deepEqual(faults(changed), [
    "src/cli/text/table.ts imports src/cli/ban/run.ts",
    "src/cli/ban/run.ts imports src/cli/who/run.ts",
    "src/cli/who/text.ts imports src/cli/who/command.ts",
  ]);
});

test("roomsAtStart() counts what is imported by value at once, however far away", () => {
  assert.deepEqual(roomsAtStart(madeUp(SOUND)), ["src/cli"]);
  const changed = {
    "src/cli/text/table.ts": 'import { count } from "../../model/index.ts";',
    "src/model/index.ts": 'export { x } from "../config/index.ts";',
  };
  assert.deepEqual(roomsAtStart(madeUp({ ...SOUND, ...changed })), ["src/cli", "src/config", "src/model"]);
});
