// sockwarden unban: lets sources in again.

import type { Command } from "commander";
import { addDaemonOptions, DAEMON_HELP, sourceArguments } from "../daemon-verbs/options.ts";
import type { UnbanArguments } from "./run.ts";

const EXAMPLES = `
Examples:
  sockwarden unban 203.0.113.77
  sockwarden unban --all          every ban and cap; says how many there were

A source that was not banned is no failure.
${DAEMON_HELP}`;

export function registerUnban(program: Command): void {
  const command = program
    .command("unban")
    .summary("let sources in again")
    .description(
      "Lifts bans and caps. The daemon may ban a source again that goes on as before; `allow` exempts it.",
    )
    .argument("[source...]", "addresses or networks, as `bans` shows them", sourceArguments);
  addDaemonOptions(command)
    .option("--all", "every ban and cap")
    .addHelpText("after", EXAMPLES)
    .action(async (sources: string[] | undefined, given: UnbanArguments) => {
      if (((sources ?? []).length === 0) === (given.all === undefined))
        command.error("error: name the sources, or give --all");
      const { runUnban } = await import("./run.ts");
      await runUnban(given.all ? "all" : (sources ?? []), given);
    });
}
