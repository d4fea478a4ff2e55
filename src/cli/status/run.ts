// Runs `sockwarden status` once its arguments are read.

import type { Severity } from "../../model/index.ts";
import type { DaemonArguments } from "../daemon-verbs/options.ts";
import { withDaemon } from "../daemon-verbs/with-daemon.ts";
import { ExitCode } from "../exit-code.ts";
import { paintStdout, printJson } from "../output.ts";
import { statusFailsOn, statusReport } from "./nagios.ts";
import { statusText } from "./text.ts";

export interface StatusArguments extends DaemonArguments {
  readonly nagios?: true;
  readonly failOn?: Severity;
}

export function runStatus(given: StatusArguments): Promise<void> {
  return withDaemon(given, async (client) => {
    const status = await client.read("status");
    const report = given.nagios ? statusReport(status) : null;
    if (given.json) printJson(status);
    else process.stdout.write(`${report?.line ?? statusText(status, Date.now(), paintStdout)}\n`);
    if (report !== null) process.exitCode = report.code;
    else if (given.failOn !== undefined && statusFailsOn(status, given.failOn))
      process.exitCode = ExitCode.FAILED;
  });
}
