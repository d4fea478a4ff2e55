// Runs `sockwarden diagnose` once its arguments are read: loaded for this verb alone.

import { setTimeout as sleep } from "node:timers/promises";
import { type Diagnosis, diagnose, gatherIn, type RankedCause } from "../../diagnose/index.ts";
import type { Severity } from "../../model/index.ts";
import { ProgramLimits } from "../../programs/index.ts";
import { ExitCode } from "../exit-code.ts";
import { paintStdout, printJson, printNote } from "../output.ts";
import { scanNotes } from "../scan-verbs/notes.ts";
import { type ScanArguments, scanOptions } from "../scan-verbs/options.ts";
import { reaches } from "../severity-option.ts";
import { diagnoseDocument } from "./document.ts";
import { diagnoseText } from "./text.ts";

export interface DiagnoseArguments extends ScanArguments {
  readonly seconds: number;
  readonly failOn?: Severity;
  readonly json?: true;
}

const WIDTH_MAX = 110;
const WIDTH_WITHOUT_TERMINAL = 100;

export async function runDiagnose(given: DiagnoseArguments): Promise<void> {
  const options = scanOptions(given);
  const limits = new ProgramLimits();
  const { observation, census } = await gatherIn(
    given.netns ?? null,
    { scan: options, seconds: given.seconds, nowMs: Date.now(), history: null },
    { sleep: waitWithProgress, readProgramLimit: (process) => limits.read(process) },
  );
  const diagnosis = diagnose(observation);
  if (given.json) printJson(diagnoseDocument(diagnosis));
  else process.stdout.write(`${diagnoseText(diagnosis, textWidth(), paintStdout)}\n`);
  for (const note of [...scanNotes(census, options.ports), ...limits.problems()]) printNote(note);
  if (given.failOn !== undefined && reaches(troubles(diagnosis), given.failOn)) {
    process.exitCode = ExitCode.FAILED;
  }
}

/** "healthy" is no trouble, however sure. */
function troubles({ findings }: Diagnosis): readonly RankedCause[] {
  return findings.filter(({ cause }) => cause !== "healthy");
}

function textWidth(): number {
  return Math.min(WIDTH_MAX, process.stdout.columns ?? WIDTH_WITHOUT_TERMINAL);
}

/** Counts the seconds down on a terminal, on a line that it leaves empty. */
async function waitWithProgress(ms: number): Promise<void> {
  const endMs = performance.now() + ms;
  if (!process.stderr.isTTY) {
    await sleep(ms);
    return;
  }
  for (let leftMs = ms; leftMs > 0; leftMs = endMs - performance.now()) {
    process.stderr.write(`\rWatching for ${Math.ceil(leftMs / 1000)} s more ... `);
    await sleep(Math.min(leftMs, 1000));
  }
  process.stderr.write("\r\u001b[K");
}
