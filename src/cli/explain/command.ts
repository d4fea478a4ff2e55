// sockwarden explain: tells the state of a source, its fate, and the rule behind it.

import type { Command } from "commander";
import {
  addDaemonOptions,
  DAEMON_HELP,
  type DaemonArguments,
  sourceArgument,
} from "../daemon-verbs/options.ts";

const EXAMPLES = `
Examples:
  sockwarden explain 203.0.113.77      what it holds, whether it is banned or allowed, what each rule would do and why
  sockwarden explain 2001:db8:7::/64 --json
${DAEMON_HELP}`;

export function registerExplain(program: Command): void {
  const command = program
    .command("explain")
    .summary("what is known of a source, and what the rules say")
    .description("Says what is known of a source, what would happen to it, and which rule says so.")
    .argument("<source>", "address or network", sourceArgument);
  addDaemonOptions(command)
    .addHelpText("after", EXAMPLES)
    .action(async (source: string, given: DaemonArguments) => {
      const { runExplain } = await import("./run.ts");
      await runExplain(source, given);
    });
}
