// Runs `sockwarden top` once its arguments are read: loaded for this verb alone.

import { openScanner } from "../../census/index.ts";
import { ProgramLimits } from "../../programs/index.ts";
import { type ScanArguments, scanOptions } from "../scan-verbs/options.ts";
import { findTerminal } from "../terminal/terminal.ts";
import { runLive } from "./live.ts";
import type { TopSettings } from "./settings.ts";
import { streamScans } from "./stream.ts";

export interface TopArguments extends ScanArguments {
  readonly interval?: number;
  readonly count?: number;
  readonly top?: number;
  readonly json?: true;
}

const INTERVAL_MS_DEFAULT = 1000;

export async function runTop(given: TopArguments): Promise<void> {
  const limits = new ProgramLimits();
  const settings: TopSettings = {
    scan: scanOptions(given),
    intervalMs: given.interval ?? INTERVAL_MS_DEFAULT,
    count: given.count ?? null,
    top: given.top ?? null,
    limitProblems: () => limits.problems(),
  };
  await using scanner = openScanner({
    netns: given.netns ?? null,
    thread: "auto",
    readProgramLimit: (process) => limits.read(process),
  });
  const terminal = given.json ? null : findTerminal();
  if (terminal === null) await streamScans(scanner, settings, given.json === true);
  else await runLive(scanner, settings, terminal);
}
