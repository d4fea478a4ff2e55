// Runs `sockwarden run` once its arguments are read: tests the configuration, or runs the daemon until it is told to
// stop. It loads the rooms one by one, since small heaps must be set before the first room.

import { problemsText } from "../configuration/text.ts";
import { ExitCode } from "../exit-code.ts";
import { DOCUMENT_SCHEMA, printNote } from "../output.ts";
import { readVersion } from "../version.ts";
import { keepHeapSmall } from "./small-heap.ts";

export interface RunArguments {
  readonly config?: string;
  readonly observe?: true;
  readonly enforce?: true;
  readonly test?: true;
  readonly netns?: string;
  readonly json?: true;
}

export async function runRun(given: RunArguments): Promise<void> {
  if (given.test) await testOnly(given);
  else await runInForeground(given);
}

async function testOnly({ config, json }: RunArguments): Promise<void> {
  const { testConfiguration } = await import("../configuration/test-configuration.ts");
  testConfiguration({ ...(config === undefined ? {} : { config }), ...(json ? { json } : {}) });
}

async function runInForeground(given: RunArguments): Promise<void> {
  keepHeapSmall();
  const { openLog, runDaemon, warmGuardThread } = await import("../../daemon/index.ts");
  const warm = warmGuardThread();
  const { loadConfig } = await import("../../config/index.ts");
  const source = { file: given.config ?? null, uid: process.getuid!(), env: process.env };
  const loaded = loadConfig(source);
  if (!loaded.ok) {
    for (const error of loaded.errors) printNote(`sockwarden: ${problemsText([error])}`);
    process.exitCode = ExitCode.USAGE;
    await warm.terminate();
    return;
  }
  const { narrate } = await import("./narrate.ts");
  // The reader of the log may go. The guarding goes on, since ending here would leave the rules behind.
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
  log.info("told to stop, and has stopped");
  if (given.json)
    process.stdout.write(
      `${JSON.stringify({ type: "summary", schema: DOCUMENT_SCHEMA, ended: "told to stop" })}\n`,
    );
}
