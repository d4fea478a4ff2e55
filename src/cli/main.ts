// The command line: reads the arguments, runs one verb, turns its end into an exit code.

import { Command, CommanderError } from "commander";
import { registerAllow } from "./allow/command.ts";
import { registerAllowlist } from "./allowlist/command.ts";
import { registerBan } from "./ban/command.ts";
import { registerBans } from "./bans/command.ts";
import { registerCheck } from "./check/command.ts";
import { registerConfig } from "./config/command.ts";
import { registerDiagnose } from "./diagnose/command.ts";
import { registerDisallow } from "./disallow/command.ts";
import { registerDoctor } from "./doctor/command.ts";
import { registerDrill } from "./drill/command.ts";
import { registerEvict } from "./evict/command.ts";
import { ExitCode, failureCode } from "./exit-code.ts";
import { registerExplain } from "./explain/command.ts";
import { describeFailure, endWithOutput } from "./output.ts";
import { registerPing } from "./ping/command.ts";
import { registerReload } from "./reload/command.ts";
import { registerRun } from "./run/command.ts";
import { registerStatus } from "./status/command.ts";
import { registerTop } from "./top/command.ts";
import { registerTune } from "./tune/command.ts";
import { registerUnban } from "./unban/command.ts";
import { readVersion } from "./version.ts";
import { registerWho } from "./who/command.ts";

/** Every verb, in the order of `--help`. */
const VERBS: readonly ((program: Command) => void)[] = [
  registerWho,
  registerTop,
  registerDoctor,
  registerPing,
  registerTune,
  registerDiagnose,
  registerCheck,
  registerConfig,
  registerRun,
  registerStatus,
  registerBans,
  registerBan,
  registerUnban,
  registerAllow,
  registerAllowlist,
  registerDisallow,
  registerEvict,
  registerExplain,
  registerReload,
  registerDrill,
];

const program = new Command("sockwarden")
  .description("Keeps servers with long-lived TCP connections reachable: shows who holds their connections.")
  .version(readVersion(), "-V, --version")
  .exitOverride()
  .configureHelp({ showGlobalOptions: false })
  .showSuggestionAfterError()
  .addHelpText(
    "after",
    "\nExit codes: 0 done, 1 failed, 2 wrong usage or Node too old, 3 no daemon to talk to.\nFirst steps: sockwarden who, then sockwarden top; sockwarden diagnose says why it hurts.",
  );

for (const register of VERBS) register(program);
for (const command of program.commands) command.exitOverride();

endWithOutput();
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version are errors to commander, with exit code 0; it has printed them already.
    process.exitCode = error.exitCode === 0 ? ExitCode.DONE : failureCode(process.argv, ExitCode.USAGE);
  } else {
    process.stderr.write(`sockwarden: ${describeFailure(error)}\n`);
    process.exitCode = failureCode(process.argv, ExitCode.FAILED);
  }
}
