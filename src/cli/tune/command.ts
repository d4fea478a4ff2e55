// sockwarden tune: shows as a diff which limits and TCP settings the machine should have for its connections. It
// carries them out only on request, and takes them back byte for byte.

import type { Command } from "commander";
import { positiveInteger } from "../argument-parsers.ts";
import { tuneProfileOption } from "../tune-profile-option.ts";
import type { ApplyArguments, PlanArguments, RollbackArguments } from "./run.ts";

const EXAMPLES = `
Examples:
  sockwarden tune plan                                     what would be changed here, and why
  sockwarden tune plan --connections 100000                what that many connections take, with the formulas
  sockwarden tune plan --service kamailio --profile trunk --json
  sockwarden tune apply                                    the same as plan: a dry run
  sockwarden tune apply --yes                              carries it out, as root
  sockwarden tune rollback                                 puts everything back, also after a crash

Profiles:
  mobile  many clients behind NAT and on radio: SIP phones, messengers, MQTT (the default)
  trunk   few known peers on good links
  churn   many short connections, often through a proxy

Apply writes /etc/sysctl.d/90-sockwarden.conf, /etc/systemd/system/UNIT.d/90-sockwarden.conf and the kernel's
values. It first records what was there. It restarts nothing.`;

export function registerTune(program: Command): void {
  const tune = program
    .command("tune")
    .summary("set limits and TCP settings for many long-lived connections, and take them back")
    .description(
      "Plans what this machine's descriptor limits and TCP settings should be; applies it only when told to; rolls back exactly.",
    )
    .addHelpText("after", EXAMPLES);
  const plan = tune
    .command("plan")
    .summary("show what would be changed")
    .description("Shows what would be changed, why, when it bites and what it risks; changes nothing.");
  addPlanOptions(plan)
    .addHelpText("after", EXAMPLES)
    .action(async (given: PlanArguments, command: Command) => {
      const { runPlan } = await import("./run.ts");
      await runPlan(given, command);
    });
  const apply = tune
    .command("apply")
    .summary("carry the plan out; a dry run without --yes")
    .description("Carries the plan out and reads everything back; without --yes it only shows the plan.")
    .option("--yes", "change this machine");
  addPlanOptions(apply)
    .addHelpText("after", EXAMPLES)
    .action(async (given: ApplyArguments, command: Command) => {
      const { runApply } = await import("./run.ts");
      await runApply(given, command);
    });
  const rollback = tune
    .command("rollback")
    .summary("put back what was before apply")
    .description("Puts back files and values as they were before apply, byte for byte, also after a crash.")
    .option("--force", "also put back what somebody else has changed since");
  addPlaceOptions(rollback)
    .addHelpText("after", EXAMPLES)
    .action(async (given: RollbackArguments) => {
      const { runRollback } = await import("./run.ts");
      await runRollback(given);
    });
}

function addPlanOptions(command: Command): Command {
  command
    .addOption(tuneProfileOption("what the connections are like"))
    .option("--connections <n>", "the most connections at a time (default: those held now)", positiveInteger)
    .option(
      "--per-second <n>",
      "new connections per second at the busiest (default: all within 30 s)",
      positiveInteger,
    )
    .option(
      "--service <unit>",
      "set the descriptor limit of this unit (default: the known servers that listen)",
    );
  return addPlaceOptions(command);
}

function addPlaceOptions(command: Command): Command {
  return command
    .option("--netns <name|pid>", "another network namespace: its values, no file in /etc/sysctl.d")
    .option("--root <folder>", "a machine's files below this folder, for images and tests")
    .option("--proc <folder>", "where /proc is (default: below --root)")
    .option(
      "--state-dir <folder>",
      "where the record of what was before is kept (default: /var/lib/sockwarden)",
    )
    .option("--json", "one JSON document on stdout");
}
