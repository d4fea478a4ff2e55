// sockwarden who: shows by one scan who holds the connections; needs no daemon.

import { type Command, Option } from "commander";
import { positiveInteger } from "../argument-parsers.ts";
import { addScanOptions, TOP_SOURCES } from "../scan-verbs/options.ts";
import { GROUPINGS } from "./groups.ts";
import type { WhoArguments } from "./run.ts";

const EXAMPLES = `
Examples:
  sockwarden who                      every listener of this machine and its largest sources
  sockwarden who -p 5060 --top 50     the fifty largest sources of a SIP server
  sockwarden who --by process         how many connections each process holds
  sockwarden who --netns blue --json  another network namespace, as one JSON document

Conduct, as told from the kernel's counters:
  active   has spoken, and not been quiet for longer than its protocol allows
  idle     has spoken, but been quiet for longer
  silent   never sent a byte, and is older than --silent-for
  fresh    never sent a byte yet
  stalled  provably takes no data, or answers nothing, for --stalled-for
  queued   connected, but the program has not accepted it
  leaked   closed by the peer, not by the program (CLOSE_WAIT)
  half-open, closing: on the way in or out; they hold no descriptor`;

export function registerWho(program: Command): void {
  const command = program
    .command("who")
    .summary("who holds the connections, in one scan")
    .description(
      "Scans the kernel's socket table once: shows listeners, the processes that own them, and who holds their connections.",
    );
  addScanOptions(command)
    .addOption(new Option("--by <what>", "count by this, too").choices(GROUPINGS))
    .option("--top <n>", `how many sources to show (default: ${TOP_SOURCES}, in JSON all)`, positiveInteger)
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", EXAMPLES)
    .action(async (given: WhoArguments) => {
      const { runWho } = await import("./run.ts");
      await runWho(given);
    });
}
