// sockwarden allow: exempts a source, or gives it another limit.

import type { Command } from "commander";
import { positiveInteger } from "../argument-parsers.ts";
import { addDaemonOptions, DAEMON_HELP, sourceArgument } from "../daemon-verbs/options.ts";
import type { AllowArguments } from "./run.ts";

const EXAMPLES = `
Examples:
  sockwarden allow 192.0.2.0/24 --reason "carrier trunk"   never banned, never evicted
  sockwarden allow 198.51.100.20 --limit 500               no more than 500 connections, whatever the others get

Bans of sources that it covers are lifted. The entry lasts until \`disallow\`, also across restarts. Permanent entries are
better written in the configuration.
${DAEMON_HELP}`;

export function registerAllow(program: Command): void {
  const command = program
    .command("allow")
    .summary("exempt a source, or give it another limit")
    .description("Puts a source on the allowlist.")
    .argument("<source>", "address or network", sourceArgument);
  addDaemonOptions(command)
    .option("--limit <n>", "at most this many connections (default: no limit)", positiveInteger)
    .option("--reason <text>", "why, for whoever looks later")
    .addHelpText("after", EXAMPLES)
    .action(async (source: string, given: AllowArguments) => {
      const { runAllow } = await import("./run.ts");
      await runAllow(source, given);
    });
}
