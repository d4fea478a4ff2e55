// sockwarden evict: destroys a source's connections, without a ban.

import type { Command } from "commander";
import { addDaemonOptions, DAEMON_HELP, sourceArgument } from "../daemon-verbs/options.ts";
import type { EvictArguments } from "./run.ts";

const EXAMPLES = `
Examples:
  sockwarden evict 203.0.113.77                   every connection it has to a guarded listener
  sockwarden evict 203.0.113.77 --listener sip    those to one of them

A source that connects again has its slots back within seconds: \`ban\` evicts, too, and keeps it out. Holding nothing is
no failure.
${DAEMON_HELP}`;

export function registerEvict(program: Command): void {
  const command = program
    .command("evict")
    .summary("destroy what a source holds now")
    .description("Destroys the connections of a source, so that their descriptors come back.")
    .argument("<source>", "address or network", sourceArgument);
  addDaemonOptions(command)
    .option("--listener <name>", "those to this listener alone")
    .addHelpText("after", EXAMPLES)
    .action(async (source: string, given: EvictArguments) => {
      const { runEvict } = await import("./run.ts");
      await runEvict(source, given);
    });
}
