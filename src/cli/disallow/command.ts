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

Entries of the configuration are taken away there. A source that was not on the list is no failure.
${DAEMON_HELP}`;

export function registerDisallow(program: Command): void {
  const command = program
    .command("disallow")
    .summary("take an entry of `allow` away")
    .description("Takes a source off the allowlist.")
    .argument("<source>", "address or network, as `allowlist` shows it", sourceArgument);
  addDaemonOptions(command)
    .addHelpText("after", EXAMPLES)
    .action(async (source: string, given: DaemonArguments) => {
      const { runDisallow } = await import("./run.ts");
      await runDisallow(source, given);
    });
}
