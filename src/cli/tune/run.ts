// Runs `tune plan`, `apply` and `rollback`: opens the machine, asks, shows, and changes it on request.

import path from "node:path";
import type { Command } from "commander";
import type { TuneProfile } from "../../settings/index.ts";
import {
  applyTune,
  openTuneMachine,
  planTune,
  rollbackTune,
  TuneError,
  type TuneFacts,
  type TuneMachine,
  type TunePlan,
  unitName,
} from "../../tune/index.ts";
import { ExitCode } from "../exit-code.ts";
import { paintStdout, printJson, printNote, timestamp } from "../output.ts";
import { applyDocument, planDocument, rollbackDocument } from "./document.ts";
import { appliedText, dryRunText, planText, rolledBackText } from "./text.ts";

export interface PlaceArguments {
  readonly netns?: string;
  readonly root?: string;
  readonly proc?: string;
  readonly stateDir?: string;
  readonly json?: true;
}

export interface PlanArguments extends PlaceArguments {
  readonly profile: TuneProfile;
  readonly connections?: number;
  readonly perSecond?: number;
  readonly service?: string;
}

export interface ApplyArguments extends PlanArguments {
  readonly yes?: true;
}

export interface RollbackArguments extends PlaceArguments {
  readonly force?: true;
}

/** `command` tells mistakes in the arguments. */
export async function runPlan(given: PlanArguments, command: Command): Promise<void> {
  const service = serviceName(given, command);
  await telling(async () => {
    const { plan } = await makePlan({ ...given, service });
    if (given.json) printJson(planDocument(plan));
    else process.stdout.write(`${planText(plan, paintStdout)}\n`);
  });
}

export async function runApply(given: ApplyArguments, command: Command): Promise<void> {
  const service = serviceName(given, command);
  await telling(async () => {
    const made = await makePlan({ ...given, service });
    if (given.yes && made.plan.changes.length > 0) carryOut(made, given.json ?? false);
    else showDryRun(made.plan, given.json ?? false);
  });
}

export async function runRollback(given: RollbackArguments): Promise<void> {
  await telling(() => {
    const rolledBack = rollbackTune(openMachine(given).place, { force: given.force ?? false });
    if (given.json) printJson(rollbackDocument(rolledBack));
    else process.stdout.write(`${rolledBackText(rolledBack, paintStdout)}\n`);
  });
}

function showDryRun(plan: TunePlan, json: boolean): void {
  if (json) printJson(applyDocument(plan, null));
  else process.stdout.write(`${planText(plan, paintStdout)}\n\n${dryRunText(plan)}\n`);
}

function carryOut({ plan, facts, machine }: Made, json: boolean): void {
  const { place, writeSettingsFile } = machine;
  const applied = applyTune(plan, facts, place, { now: timestamp(Date.now()), writeSettingsFile });
  if (json) printJson(applyDocument(plan, applied));
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

interface Made {
  readonly plan: TunePlan;
  readonly facts: TuneFacts;
  readonly machine: TuneMachine;
}

async function makePlan(
  given: Omit<PlanArguments, "service"> & { readonly service: string | null },
): Promise<Made> {
  const machine = openMachine(given);
  const facts = await machine.readFacts(given.service, Date.now());
  const { profile, connections = null, perSecond = null, service } = given;
  return { plan: planTune(facts, { profile, connections, perSecond, service }), facts, machine };
}

function openMachine({ netns, root, proc, stateDir }: PlaceArguments): TuneMachine {
  // Recorded paths must not depend on the folder that apply runs in.
  const absolute = (folder: string | undefined) => (folder === undefined ? null : path.resolve(folder));
  return openTuneMachine({
    netns: netns ?? null,
    root: absolute(root),
    proc: absolute(proc),
    stateDir: absolute(stateDir),
  });
}

function serviceName({ service }: PlanArguments, command: Command): string | null {
  if (service === undefined) return null;
  try {
    return unitName(service);
  } catch (error) {
    if (!(error instanceof TuneError)) throw error;
    return command.error(`error: option '--service <unit>': ${error.message}`);
  }
}

/** A refusal by the world is one line on stderr; a mistake of ours goes on. */
async function telling(run: () => void | Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (!(error instanceof TuneError)) throw error;
    process.stderr.write(`sockwarden: ${error.message}\n`);
    process.exitCode = ExitCode.FAILED;
  }
}
