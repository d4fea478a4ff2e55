// sockwarden top: the live view of who holds the connections; needs no daemon.

import { type Command, InvalidArgumentError } from "commander";
import { durationArgument, positiveInteger } from "../argument-parsers.ts";
import { addScanOptions } from "../scan-verbs/options.ts";
import type { TopArguments } from "./run.ts";

const INTERVAL_MS_MIN = 100;
const INTERVAL_MS_MAX = 24 * 3_600_000;

const EXAMPLES = `
Examples:
  sockwarden top                      every listener of this machine and its largest sources, once a second
  sockwarden top -p 5060              only those of a SIP server
  sockwarden top --interval 5s | tee scans.txt
                                      no terminal: the text of sockwarden who, every five seconds
  sockwarden top --json --count 10    ten scans, one JSON document a line, then a summary

Keys: q quits, s sorts, r reverses, / filters, l shows more or fewer listeners, p pauses, + and - change the
interval, ? shows all of them.

Growth is measured over the last 5 s. SLOTS is how many connections the listener's owner holds of those that it can hold:
what its descriptors allow or, where that is less, the limit that the program sets itself. FULL IN is when they are full
if they go on filling as they do now.`;

export function registerTop(program: Command): void {
  const command = program
    .command("top")
    .summary("live view of who holds the connections")
    .description(
      "Scans the kernel's socket table again and again: what grows, how fast, and when the slots are full.",
    );
  addScanOptions(command)
    .option("--interval <time>", "from one scan to the next (default: 1s)", interval)
    .option("--count <n>", "end after this many scans", positiveInteger)
    .option("--top <n>", "without a terminal, how many sources (default: 10, in JSON all)", positiveInteger)
    .option("--json", "one JSON document a scan and line, then a summary")
    .addHelpText("after", EXAMPLES)
    .action(async (given: TopArguments) => {
      const { runTop } = await import("./run.ts");
      await runTop(given);
    });
}

function interval(text: string): number {
  const ms = durationArgument(text);
  if (ms < INTERVAL_MS_MIN || ms > INTERVAL_MS_MAX) {
    throw new InvalidArgumentError("Accepted is 100ms to 24h.");
  }
  return ms;
}
