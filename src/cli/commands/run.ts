// sockwarden run: the daemon, in the foreground.

import { type Command, Option } from "commander";
import type { ConfigProblem } from "../../config/index.ts";
import { ExitCode } from "../exit-code.ts";
import { printNote } from "../output.ts";
import { readVersion } from "../version.ts";

interface RunArguments {
  readonly config?: string;
  readonly observe?: true;
  readonly enforce?: true;
  readonly test?: true;
  readonly netns?: string;
  readonly json?: true;
}

const EXAMPLES = `
Examples:
  sockwarden run                                watches every listener found, and says what it sees; changes nothing
  sockwarden run -c sockwarden.yaml             as the file says; without \`mode: enforce\` nothing is changed
  sockwarden run -c sockwarden.yaml --enforce   guards: bans, evicts, verifies
  sockwarden run -t -c sockwarden.yaml          only tests the file, as \`sockwarden check\` does

SIGHUP reads the configuration again, SIGTERM ends. \`sockwarden status\` tells how it is.
What runs in observe mode says of every step what would have been done.`;

export function registerRun(program: Command): void {
  program
    .command("run")
    .summary("the daemon: keeps servers reachable")
    .description(
      "Runs the daemon in the foreground: scans the socket table, judges who hoards connections, and in enforce mode bans them and frees what they hold.",
    )
    .option("-c, --config <file>", "the configuration (default: SOCKWARDEN_CONFIG, then the system's place)")
    .addOption(
      new Option("--observe", "change nothing, whatever the configuration says").conflicts("enforce"),
    )
    .option("--enforce", "guard, whatever the configuration says")
    .option("-t, --test", "test the configuration and end")
    .option("--netns <name|pid>", "guard another network namespace")
    .option("--json", "the log as one JSON object a line, the last one a summary")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(given: RunArguments): Promise<void> {
  if (given.test) {
    const { runCheck } = await import("../config/run-check.ts");
    runCheck({
      ...(given.config === undefined ? {} : { config: given.config }),
      ...(given.json ? { json: true } : {}),
    });
    return;
  }
  const { keepHeapSmall } = await import("../run/small-heap.ts");
  keepHeapSmall();
  const { openLog, runDaemon, warmGuardThread } = await import("../../daemon/index.ts");
  const warm = warmGuardThread();
  const { loadConfig } = await import("../../config/index.ts");
  const source = { file: given.config ?? null, uid: process.getuid!(), env: process.env };
  const loaded = loadConfig(source);
  if (!loaded.ok) {
    for (const error of loaded.errors) printNote(`sockwarden: ${problemText(error)}`);
    process.exitCode = ExitCode.USAGE;
    await warm.terminate();
    return;
  }
  const { narrate } = await import("../run/narrate.ts");
  // Who reads the log may go; the guarding goes on, since ending here would leave the rules behind.
  process.stdout.removeAllListeners("error").on("error", () => {});
  const log = openLog(given.json ? "json" : "text", process.stdout);
  const mode = given.enforce ? "enforce" : given.observe ? "observe" : null;
  if (mode === "enforce" && loaded.config.listeners === null) {
    log.warn("no listener is configured, so nothing is enforced: name those to guard under `listeners:`");
  }
  await runDaemon({
    ...{ config: loaded.config, source, mode, log, warm },
    netns: given.netns ?? null,
    version: readVersion(),
    onReady: (core) => narrate(core, log, { files: loaded.files }),
  });
  log.info("told to stop, and has");
  if (given.json)
    process.stdout.write(`${JSON.stringify({ type: "summary", schema: 1, ended: "told to stop" })}\n`);
}

function problemText({ file, line, column, key, message, accepted }: ConfigProblem): string {
  const at = `${file}:${line}:${column}: ${key === "" ? "" : `${key}: `}${message}`;
  return accepted === "" ? at : `${at} (accepted: ${accepted})`;
}
