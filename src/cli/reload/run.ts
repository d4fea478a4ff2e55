// Runs `sockwarden reload` once its arguments are read.

import type { DaemonArguments } from "../daemon-verbs/options.ts";
import { withDaemon } from "../daemon-verbs/with-daemon.ts";
import { ExitCode } from "../exit-code.ts";
import { printJson } from "../output.ts";
import { reloadText } from "./text.ts";

/** Sets the exit code 2 where the new configuration is refused. */
export function runReload(given: DaemonArguments): Promise<void> {
  return withDaemon(given, async (client) => {
    const check = await client.reload();
    if (given.json) printJson(check);
    else if (check.ok) process.stdout.write(`${reloadText(check, (await client.read("status")).health)}\n`);
    else process.stderr.write(`${reloadText(check)}\n`);
    if (!check.ok) process.exitCode = ExitCode.USAGE;
  });
}
