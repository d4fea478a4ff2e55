// The command line with `ping` alone: the tests start it, so that they need none of the other verbs.

import { Command, CommanderError } from "commander";
import { registerPing } from "../../src/cli/ping/command.ts";

const program = new Command("sockwarden").version("0.0.0").exitOverride();
registerPing(program);
for (const command of program.commands) command.exitOverride();
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
