// The command line: reads the arguments, runs one verb, turns its end into an exit code.

import { Command, CommanderError } from "commander";
import { registerAllow } from "./commands/allow.ts";
import { registerAllowlist } from "./commands/allowlist.ts";
import { registerBan } from "./commands/ban.ts";
import { registerBans } from "./commands/bans.ts";
import { registerCheck } from "./commands/check.ts";
import { registerConfig } from "./commands/config.ts";
import { registerDiagnose } from "./commands/diagnose.ts";
import { registerDisallow } from "./commands/disallow.ts";
import { registerDoctor } from "./commands/doctor.ts";
import { registerDrill } from "./commands/drill.ts";
import { registerEvict } from "./commands/evict.ts";
import { registerExplain } from "./commands/explain.ts";
import { registerPing } from "./commands/ping.ts";
import { registerReload } from "./commands/reload.ts";
import { registerRun } from "./commands/run.ts";
import { registerStatus } from "./commands/status.ts";
import { registerTop } from "./commands/top.ts";
import { registerTune } from "./commands/tune.ts";
import { registerUnban } from "./commands/unban.ts";
import { registerWho } from "./commands/who.ts";
import { ExitCode, failureCode } from "./exit-code.ts";
import { describeFailure, guardOutput } from "./output.ts";
import { readVersion } from "./version.ts";

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

registerWho(program);
registerTop(program);
registerDoctor(program);
registerPing(program);
registerTune(program);
registerDiagnose(program);
registerCheck(program);
registerConfig(program);
registerRun(program);
registerStatus(program);
registerBans(program);
registerBan(program);
registerUnban(program);
registerAllow(program);
registerAllowlist(program);
registerDisallow(program);
registerEvict(program);
registerExplain(program);
registerReload(program);
registerDrill(program);
for (const command of program.commands) command.exitOverride();

guardOutput();
try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Help and version come as errors, too, with exit code 0; commander has printed what there is to say.
    process.exitCode = error.exitCode === 0 ? ExitCode.DONE : failureCode(process.argv, ExitCode.USAGE);
  } else {
    process.stderr.write(`sockwarden: ${describeFailure(error)}\n`);
    process.exitCode = failureCode(process.argv, ExitCode.FAILED);
  }
}
