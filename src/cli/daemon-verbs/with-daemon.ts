// Runs a verb's work with a client of the daemon. A refusal, by the daemon or on the way to it, becomes one line and an
// exit code.

import { type Client, ClientError, openClient } from "../../client/index.ts";
import { reasonOf } from "../../model/index.ts";
import { ExitCode, NagiosCode } from "../exit-code.ts";
import { pluginReport } from "../plugin-report.ts";
import { printable } from "../text/foreign.ts";
import type { DaemonArguments } from "./options.ts";
import { ConfigFileError, socketPath } from "./where.ts";

export async function withDaemon(
  given: DaemonArguments & { readonly nagios?: true },
  work: (client: Client) => Promise<void>,
): Promise<void> {
  try {
    await work(openClient({ socket: await socketPath(given, process.env) }));
  } catch (error) {
    const code = exitCodeOf(error);
    if (code === null) throw error;
    const message = printable(reasonOf(error));
    if (given.nagios) process.stdout.write(`${unknownLine(message)}\n`);
    else process.stderr.write(`sockwarden: ${message}\n`);
    process.exitCode = given.nagios ? NagiosCode.UNKNOWN : code;
  }
}

function unknownLine(message: string): string {
  return pluginReport("SOCKWARDEN", NagiosCode.UNKNOWN, { text: message }).line;
}

/** Null for a mistake of ours. */
function exitCodeOf(error: unknown): ExitCode | null {
  if (error instanceof ConfigFileError) return ExitCode.USAGE;
  if (!(error instanceof ClientError)) return null;
  return error.code === "no-daemon" ? ExitCode.NO_DAEMON : ExitCode.FAILED;
}
