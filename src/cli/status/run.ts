// What `sockwarden status` does once its arguments are read.

import type { Severity } from "../../model/index.ts";
import type { DaemonArguments } from "../daemon-verbs/options.ts";
import { withDaemon } from "../daemon-verbs/with-daemon.ts";
import { ExitCode } from "../exit-code.ts";
import { paintStdout, printJson } from "../output.ts";
import { nagiosCode, nagiosLine, reaches } from "./nagios.ts";
import { statusText } from "./text.ts";

export interface StatusArguments extends DaemonArguments {
  readonly nagios?: true;
  readonly failOn?: Severity;
}

export function runStatus(given: StatusArguments): Promise<void> {
  return withDaemon(given, async (client) => {
    const status = await client.status();
    if (given.json) printJson(status);
    else if (given.nagios) process.stdout.write(`${nagiosLine(status)}\n`);
    else process.stdout.write(`${statusText(status, Date.now(), paintStdout)}\n`);
    if (given.nagios) process.exitCode = nagiosCode(status);
    else if (given.failOn !== undefined && reaches(status, given.failOn)) process.exitCode = ExitCode.FAILED;
  });
}
