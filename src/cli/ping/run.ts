// Runs `ping` once its arguments are read: plans, probes, and turns the end into an exit code.

import type { Command } from "commander";
import { stripControls } from "../../sip/index.ts";
import { ExitCode, NagiosCode } from "../exit-code.ts";
import { paintStdout } from "../output.ts";
import { pluginReport } from "../plugin-report.ts";
import { pingUntilDone } from "./loop.ts";
import { type PingArguments, type PingPlan, PingUsageError, planPing } from "./plan.ts";

export async function runPing(
  target: string,
  given: PingArguments,
  command: Command,
  version: string,
): Promise<void> {
  const plan = planOrRefuse(target, given, command, version);
  if (plan !== null) process.exitCode = await runUntilSignal(plan);
}

/** Null where a monitoring system was told. Otherwise commander ends with its usage error. */
function planOrRefuse(
  target: string,
  given: PingArguments,
  command: Command,
  version: string,
): PingPlan | null {
  const { SOCKWARDEN_PASSWORD = null } = process.env;
  try {
    return planPing(target, given, SOCKWARDEN_PASSWORD, version);
  } catch (error) {
    if (!(error instanceof PingUsageError)) throw error;
    const message = stripControls(error.message, 500);
    if (!given.nagios) command.error(`error: ${message}`, { exitCode: ExitCode.USAGE });
    const { code, line } = pluginReport("SIP", NagiosCode.UNKNOWN, { text: message });
    process.stdout.write(`${line}\n`);
    process.exitCode = code;
    return null;
  }
}

/** The first Ctrl-C ends with the summary. A second one during that ends at once, as usual. */
async function runUntilSignal(plan: PingPlan): Promise<ExitCode | NagiosCode> {
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    const write = (line: string) => void process.stdout.write(`${line}\n`);
    return await pingUntilDone(plan, { write, paint: paintStdout }, controller.signal);
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
}
