// sockwarden bans: lists the bans and caps in force.

import type { Command } from "commander";
import { positiveInteger } from "../argument-parsers.ts";
import { addDaemonOptions, DAEMON_HELP } from "../daemon-verbs/options.ts";
import type { BansArguments } from "./run.ts";

const EXAMPLES = `
Examples:
  sockwarden bans              the newest bans: until when, why, what was evicted and refused
  sockwarden bans --top 500    more of them
  sockwarden bans --json       all, as one JSON document

ban: every packet to the guarded ports is dropped. cap: new connections are refused, held ones live on.
${DAEMON_HELP}`;

export function registerBans(program: Command): void {
  const command = program
    .command("bans")
    .summary("what is banned now, until when, and why")
    .description("Lists bans and caps, the newest first.");
  addDaemonOptions(command)
    .option("--top <n>", "how many to show (default: 50, in JSON all)", positiveInteger)
    .addHelpText("after", EXAMPLES)
    .action(async (given: BansArguments) => {
      const { runBans } = await import("./run.ts");
      await runBans(given);
    });
}
