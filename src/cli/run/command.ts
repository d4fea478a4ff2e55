// sockwarden run: the daemon, in the foreground.

import { type Command, Option } from "commander";
import type { RunArguments } from "./run.ts";

const EXAMPLES = `
Examples:
  sockwarden run                                watches every listener found, and says what it sees; changes nothing
  sockwarden run -c sockwarden.yaml             as the file says; without \`mode: enforce\` nothing is changed
  sockwarden run -c sockwarden.yaml --enforce   guards: bans, evicts, verifies
  sockwarden run -t -c sockwarden.yaml          only tests the file, as \`sockwarden check\` does

SIGHUP makes it read the configuration again, SIGTERM ends it. \`sockwarden status\` tells how it is.
In observe mode it says of every step what it would have done.`;

export function registerRun(program: Command): void {
  program
    .command("run")
    .summary("the daemon: keeps servers reachable")
    .description(
      "Runs the daemon in the foreground: scans the socket table, judges who hoards connections, and in enforce mode bans hoarders and frees what they hold.",
    )
    .option("-c, --config <file>", "the configuration (default: SOCKWARDEN_CONFIG, then the system's place)")
    .addOption(
      new Option("--observe", "change nothing, whatever the configuration says").conflicts("enforce"),
    )
    .option("--enforce", "guard, whatever the configuration says")
    .option("-t, --test", "test the configuration and end")
    .option("--netns <name|pid>", "guard another network namespace")
    .option("--json", "the log as one JSON object a line, the last one a summary")
    .addHelpText("after", EXAMPLES)
    .action(async (given: RunArguments) => {
      const { runRun } = await import("./run.ts");
      await runRun(given);
    });
}
