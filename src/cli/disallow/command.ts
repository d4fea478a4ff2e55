// sockwarden disallow: takes an entry of `allow` away.

import type { Command } from "commander";
import {
  addDaemonOptions,
  DAEMON_HELP,
  type DaemonArguments,
  sourceArgument,
} from "../daemon-verbs/options.ts";

const EXAMPLES = `
Examples:
  sockwarden disallow 192.0.2.0/24

An entry of the configuration can only be removed there. It is no failure when the source was not on the list.
${DAEMON_HELP}`;

export function registerDisallow(program: Command): void {
  const command = program
    .command("disallow")
    .summary("remove an entry that `allow` made")
    .description("Takes a source off the allowlist.")
    .argument("<source>", "address or network, as `allowlist` shows it", sourceArgument);
  addDaemonOptions(command)
    .addHelpText("after", EXAMPLES)
    .action(async (source: string, given: DaemonArguments) => {
      const { runDisallow } = await import("./run.ts");
      await runDisallow(source, given);
    });
}
