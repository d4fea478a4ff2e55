// sockwarden ban: keeps sources off the guarded ports, and destroys what they hold.

import type { Command } from "commander";
import { durationArgument } from "../argument-parsers.ts";
import { addDaemonOptions, DAEMON_HELP, sourceArguments } from "../daemon-verbs/options.ts";
import type { BanArguments } from "./run.ts";

const EXAMPLES = `
Examples:
  sockwarden ban 203.0.113.77                             for the configured first term
  sockwarden ban 203.0.113.77 2001:db8:7::/64 --for 1h --reason "scans extensions"
  sockwarden ban 198.51.100.0/24 --listener sip           off this listener alone
  sockwarden ban --file blocklist.txt --for 7d            one source a line, # begins a comment
  zcat list.gz | sockwarden ban --file -                  the list from stdin

A ban ends by itself; the kernel keeps its time. In observe mode nothing is banned.
${DAEMON_HELP}`;

export function registerBan(program: Command): void {
  const command = program
    .command("ban")
    .summary("keep sources off the guarded ports")
    .description("Bans sources and evicts what they hold.")
    .argument("[source...]", "addresses or networks", sourceArguments);
  addDaemonOptions(command)
    .option("--file <list>", "ban what this file lists, too; - is stdin")
    .option("--for <time>", "how long (default: the configured first term)", durationText)
    .option("--reason <text>", "why, for whoever looks later")
    .option("--listener <name>", "off this listener alone (default: off every guarded one)")
    .addHelpText("after", EXAMPLES)
    .action(async (sources: string[] | undefined, given: BanArguments) => {
      if ((sources ?? []).length === 0 && given.file === undefined)
        command.error("error: name a source, or a list with --file");
      const { runBan } = await import("./run.ts");
      await runBan(sources ?? [], given);
    });
}

/** The daemon checks it again; here a mistake is told before the way to the daemon. */
function durationText(text: string): string {
  durationArgument(text);
  return text;
}
