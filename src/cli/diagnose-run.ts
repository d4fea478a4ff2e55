// What `sockwarden diagnose` does once its arguments are read: loaded for this verb alone.

import { setTimeout as sleep } from "node:timers/promises";
import { openScanner } from "../census/index.ts";
import { diagnose, type Finding, gather } from "../diagnose/index.ts";
import { isAtLeast, type Severity } from "../model/index.ts";
import type { DiagnoseArguments } from "./commands/diagnose.ts";
import { diagnoseDocument } from "./diagnose-document.ts";
import { diagnoseText } from "./diagnose-text.ts";
import { ExitCode } from "./exit-code.ts";
import { paintStdout, printJson, printNote } from "./output.ts";
import { scanOptions } from "./scan-options.ts";
import { whoNotes } from "./who-text.ts";

const WIDTH_MAX = 110;
const WIDTH_WITHOUT_TERMINAL = 100;

export async function runDiagnose(given: DiagnoseArguments): Promise<void> {
  const options = scanOptions(given);
  await using scanner = openScanner({ netns: given.netns ?? null, thread: "inline" });
  const { observation, census } = await gather({
    scanner,
    scan: options,
    seconds: given.seconds,
    now: () => Date.now(),
    sleep: waitWithProgress,
    history: null,
  });
  const diagnosis = diagnose(observation);
  if (given.json) printJson(diagnoseDocument(diagnosis));
  else process.stdout.write(`${diagnoseText(diagnosis, textWidth(), paintStdout)}\n`);
  for (const note of whoNotes(census, options.ports)) printNote(note);
  if (given.failOn !== undefined && reaches(diagnosis.findings, given.failOn)) {
    process.exitCode = ExitCode.FAILED;
  }
}

/** "healthy" is no finding, however sure. */
function reaches(findings: readonly Finding[], severity: Severity): boolean {
  return findings.some((finding) => finding.cause !== "healthy" && isAtLeast(finding.severity, severity));
}

function textWidth(): number {
  return Math.min(WIDTH_MAX, process.stdout.columns ?? WIDTH_WITHOUT_TERMINAL);
}

/** On a terminal counts the seconds down, on a line that it leaves empty. */
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
