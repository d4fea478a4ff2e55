import assert from "node:assert/strict";
import { test } from "node:test";
import { Command } from "commander";
import { PROBE_METHODS } from "../../sip/index.ts";
import { registerPing } from "./command.ts";

test("ping offers the methods that the room has", () => {
  const program = new Command();
  registerPing(program);
  const method = program.commands[0]!.options.find((option) => option.long === "--method");
  assert.deepEqual(method?.argChoices, PROBE_METHODS);
});
