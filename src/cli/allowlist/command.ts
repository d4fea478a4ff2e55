// sockwarden allowlist: lists the sources that are exempt or have another limit, and why.

import type { Command } from "commander";
import { addDaemonOptions, DAEMON_HELP, type DaemonArguments } from "../daemon-verbs/options.ts";

const EXAMPLES = `
Examples:
  sockwarden allowlist
  sockwarden allowlist --json

FROM says who put it there: the configuration, an operator (\`allow\`), or Sockwarden itself, which protects this host, its
gateway and the peers of logged-in SSH sessions.
${DAEMON_HELP}`;

export function registerAllowlist(program: Command): void {
  const command = program
    .command("allowlist")
    .summary("who is exempt or has another limit")
    .description("Lists who is exempt or has another limit, and why.");
  addDaemonOptions(command)
    .addHelpText("after", EXAMPLES)
    .action(async (given: DaemonArguments) => {
      const { runAllowlist } = await import("./run.ts");
      await runAllowlist(given);
    });
}
