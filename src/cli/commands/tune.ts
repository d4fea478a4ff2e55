// sockwarden tune: what the machine's limits and TCP settings should be for its connections, as a diff; carried out only
// when asked, and taken back byte for byte.

import path from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import {
  applyTune,
  openTuneMachine,
  planTune,
  rollbackTune,
  TUNE_PROFILES,
  TuneError,
  type TuneFacts,
  type TuneMachine,
  type TunePlan,
  type TuneProfile,
  unitName,
} from "../../explain/index.ts";
import { positiveInteger } from "../look-options.ts";
import { paintStdout, printJson, printNote, timestamp } from "../output.ts";
import { applyDocument, planDocument, rollbackDocument } from "../tune-document.ts";
import { appliedText, dryRunText, planText, rolledBackText } from "../tune-text.ts";

interface PlaceArguments {
  readonly netns?: string;
  readonly root?: string;
  readonly proc?: string;
  readonly stateDir?: string;
  readonly json?: true;
}

interface PlanArguments extends PlaceArguments {
  readonly profile: TuneProfile;
  readonly connections?: number;
  readonly perSecond?: number;
  readonly service?: string;
}

interface ApplyArguments extends PlanArguments {
  readonly yes?: true;
}

interface RollbackArguments extends PlaceArguments {
  readonly force?: true;
}

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
values, and records before what was there. It restarts nothing.`;

export function registerTune(program: Command): void {
  const tune = program
    .command("tune")
    .summary("set limits and TCP settings for many long-lived connections, and take it back")
    .description(
      "Plans what this machine's descriptor limits and TCP settings should be; applies it only when told to; rolls back exactly.",
    )
    .addHelpText("after", EXAMPLES);
  const plan = tune
    .command("plan")
    .summary("show what would be changed")
    .description("Shows what would be changed, why, when it bites and what it risks; changes nothing.");
  addPlanOptions(plan).addHelpText("after", EXAMPLES).action(runPlan);
  const apply = tune
    .command("apply")
    .summary("carry the plan out; a dry run without --yes")
    .description("Carries the plan out and reads everything back; without --yes it only shows the plan.")
    .option("--yes", "change this machine");
  addPlanOptions(apply).addHelpText("after", EXAMPLES).action(runApply);
  const rollback = tune
    .command("rollback")
    .summary("put back what was before apply")
    .description("Puts back files and values as they were before apply, byte for byte, also after a crash.")
    .option("--force", "also put back what somebody else has changed since");
  addPlaceOptions(rollback).addHelpText("after", EXAMPLES).action(runRollback);
}

function addPlanOptions(command: Command): Command {
  command
    .addOption(
      new Option("--profile <name>", "what the connections are like")
        .choices(TUNE_PROFILES)
        .default("mobile"),
    )
    .option("--connections <n>", "the most connections at a time (default: those held now)", positiveInteger)
    .option(
      "--per-second <n>",
      "new connections per second at the busiest (default: all within 30 s)",
      positiveInteger,
    )
    .option(
      "--service <unit>",
      "set the descriptor limit of this unit (default: the known servers that listen)",
      service,
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

async function runPlan(given: PlanArguments): Promise<void> {
  const { plan } = await makePlan(given);
  if (given.json) printJson(planDocument(plan));
  else process.stdout.write(`${planText(plan, paintStdout)}\n`);
}

async function runApply(given: ApplyArguments): Promise<void> {
  const { plan, facts, machine } = await makePlan(given);
  if (!given.yes || plan.changes.length === 0) {
    if (given.json) printJson(applyDocument(plan, null));
    else process.stdout.write(`${planText(plan, paintStdout)}\n\n${dryRunText(plan)}\n`);
    return;
  }
  const { writeSettingsFile } = machine;
  const applied = applyTune(plan, facts, machine.place, { now: timestamp(Date.now()), writeSettingsFile });
  if (given.json) printJson(applyDocument(plan, applied));
  else process.stdout.write(`${appliedText(applied, paintStdout)}\n`);
  for (const { where, what, value } of plan.overrides) {
    printNote(`${where} says ${what} = ${value} and is read after ours: it wins at the next boot or start`);
  }
  if (!writeSettingsFile) {
    printNote(
      "the values hold as long as this network namespace; whatever makes it anew must set them again",
    );
  }
}

async function runRollback(given: RollbackArguments): Promise<void> {
  const rolledBack = rollbackTune(openMachine(given).place, { force: given.force ?? false });
  if (given.json) printJson(rollbackDocument(rolledBack));
  else process.stdout.write(`${rolledBackText(rolledBack, paintStdout)}\n`);
}

async function makePlan(
  given: PlanArguments,
): Promise<{ readonly plan: TunePlan; readonly facts: TuneFacts; readonly machine: TuneMachine }> {
  const machine = openMachine(given);
  const facts = await machine.readFacts(given.service ?? null, Date.now());
  const plan = planTune(facts, {
    profile: given.profile,
    connections: given.connections ?? null,
    perSecond: given.perSecond ?? null,
    service: given.service ?? null,
  });
  return { plan, facts, machine };
}

function openMachine({ netns, root, proc, stateDir }: PlaceArguments): TuneMachine {
  // Paths are recorded, so they must not depend on the folder that apply was run in.
  const absolute = (folder: string | undefined) => (folder === undefined ? null : path.resolve(folder));
  return openTuneMachine({
    netns: netns ?? null,
    root: absolute(root),
    proc: absolute(proc),
    stateDir: absolute(stateDir),
  });
}

function service(text: string): string {
  try {
    return unitName(text);
  } catch (error) {
    if (error instanceof TuneError)
      throw new InvalidArgumentError("Accepted is the name of a systemd service.");
    throw error;
  }
}
