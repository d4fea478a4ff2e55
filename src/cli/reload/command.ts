// sockwarden reload: makes the daemon read its configuration anew.

import type { Command } from "commander";
import { addDaemonOptions, DAEMON_HELP, type DaemonArguments } from "../daemon-verbs/options.ts";

const EXAMPLES = `
Examples:
  sockwarden reload           exit code 2 and the mistakes, when the new configuration has any

A configuration with errors changes nothing: the running one stays in force.
${DAEMON_HELP}`;

export function registerReload(program: Command): void {
  const command = program
    .command("reload")
    .summary("make the daemon read its configuration again")
    .description(
      "Makes the daemon read its configuration again. Bans and what is known of connections stay.",
    );
  addDaemonOptions(command)
    .addHelpText("after", EXAMPLES)
    .action(async (given: DaemonArguments) => {
      const { runReload } = await import("./run.ts");
      await runReload(given);
    });
}
