// Loads the configuration as the daemon does, and shows its mistakes or its summary.

import { configDoubts, loadConfig } from "../../config/index.ts";
import { ExitCode } from "../exit-code.ts";
import { printJson, printNote } from "../output.ts";
import { printable } from "../text/foreign.ts";
import { configText, problemsText } from "./text.ts";

export interface ConfigurationArguments {
  readonly config?: string;
  readonly json?: true;
}

/** For `check` and `run -t`. Sets the exit code: 0 where the configuration can be used, else 2. */
export function testConfiguration(given: ConfigurationArguments): void {
  const loaded = loadConfig({
    file: given.config ?? null,
    uid: process.getuid?.() ?? 0,
    env: process.env,
  });
  if (given.json) printJson({ ok: loaded.ok, errors: loaded.ok ? [] : loaded.errors });
  else {
    const text = loaded.ok ? configText(loaded.config, loaded.files) : problemsText(loaded.errors);
    process.stdout.write(`${text}\n`);
  }
  if (!loaded.ok) process.exitCode = ExitCode.USAGE;
  else for (const doubt of configDoubts(loaded.config)) printNote(`note: ${printable(doubt)}`);
}
