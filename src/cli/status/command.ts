// sockwarden status: shows the state of the daemon and its listeners.

import type { Command } from "commander";
import { addDaemonOptions, DAEMON_HELP } from "../daemon-verbs/options.ts";
import { severityOption } from "../severity-option.ts";
import type { StatusArguments } from "./run.ts";

const EXAMPLES = `
Examples:
  sockwarden status                     mode, pressure of each listener, bans, and what is wrong
  sockwarden status --fail-on warning   exit code 1 when a listener is tight, or anything else is a warning or worse
  sockwarden status --nagios            one line with performance data, and the exit code of a monitoring plugin

A listener that is tight counts as a warning, one that is critical as critical.
${DAEMON_HELP}`;

export function registerStatus(program: Command): void {
  const command = program
    .command("status")
    .summary("how the daemon and its listeners are")
    .description("Shows mode, pressure, connections and descriptors of each listener, bans, and health.");
  addDaemonOptions(command)
    .addOption(severityOption("--fail-on <severity>", "exit with 1 when anything is at least this bad"))
    .option("--nagios", "one line, and the exit code of a monitoring plugin")
    .addHelpText("after", EXAMPLES)
    .action(async (given: StatusArguments) => {
      const { runStatus } = await import("./run.ts");
      await runStatus(given);
    });
}
