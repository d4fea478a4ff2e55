// Runs `sockwarden doctor` once its arguments are read: loaded for this verb alone.

import { readFileSync } from "node:fs";
import {
  type CheckResult,
  DOCTOR_CHECKS,
  DoctorError,
  examine,
  judgeFile,
  lineResult,
} from "../../doctor/index.ts";
import { reasonOf, type Severity } from "../../model/index.ts";
import type { TuneProfile } from "../../settings/index.ts";
import { ExitCode } from "../exit-code.ts";
import { paintStdout, printJson, printNote } from "../output.ts";
import { printable } from "../text/foreign.ts";
import { doctorDocument, doctorFailsOn } from "./document.ts";
import { doctorReport } from "./nagios.ts";
import { prove } from "./prove/prove.ts";
import { doctorText, fileText } from "./text.ts";

export interface DoctorArguments {
  readonly only?: string[];
  readonly severity?: Severity;
  readonly profile: TuneProfile;
  readonly netns?: string;
  readonly seconds: number;
  readonly file?: string[];
  readonly failOn?: Severity;
  readonly prove?: true;
  readonly nagios?: true;
  readonly all?: true;
  readonly json?: true;
}

export async function runDoctor(given: DoctorArguments): Promise<void> {
  const results = given.file === undefined ? await runChecks(given) : runFiles(given.file, given);
  if (given.json) printJson(doctorDocument(results));
  if (given.nagios) {
    const { code, line } = doctorReport(results);
    if (!given.json) process.stdout.write(`${line}\n`);
    process.exitCode = code;
  } else if (given.failOn !== undefined && doctorFailsOn(results, given.failOn)) {
    process.exitCode = ExitCode.FAILED;
  }
}

async function runChecks(given: DoctorArguments): Promise<readonly CheckResult[]> {
  const { profile, seconds: waited } = given;
  const options = {
    profile,
    only: given.only ?? null,
    severity: given.severity ?? null,
    netns: given.netns ?? null,
  };
  const { results, hidden } = await examine({ ...options, seconds: waited }, Date.now());
  if (given.prove && isText(given)) printNote("Playing in private namespaces; this takes some seconds.");
  const proof = given.prove ? await prove() : [];
  if (isText(given)) {
    const shown = { all: given.all === true, profile, hidden, proof };
    process.stdout.write(`${doctorText(results, shown, paintStdout)}\n`);
  } else if (hidden.length > 0) {
    printNote(`Not seen: ${printable(hidden.join("; "))}.`);
  }
  return [...results, ...proof];
}

function runFiles(files: readonly string[], given: DoctorArguments): readonly CheckResult[] {
  const judged = files.map((file) => ({ file, verdicts: judgeFile(readGiven(file), given.profile) }));
  if (isText(given)) {
    const texts = judged.map(({ file, verdicts }) => fileText(file, verdicts, paintStdout));
    process.stdout.write(`${texts.join("\n\n")}\n`);
  }
  return judged.flatMap(({ file, verdicts }) => verdicts.map((verdict) => lineResult(file, verdict)));
}

const isText = ({ json, nagios }: DoctorArguments): boolean => json !== true && nagios !== true;

function readGiven(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new DoctorError(`cannot read ${file}: ${reasonOf(error)}`, error);
  }
}

/** Why an id given with --only names no check; null where all do. */
export function strangeId(only: readonly string[]): string | null {
  const id = only.find((given) => !DOCTOR_CHECKS.some((check) => check.id === given));
  if (id === undefined) return null;
  const near = DOCTOR_CHECKS.map((check) => check.id).filter((own) => own.includes(id) || id.includes(own));
  const hint =
    near.length > 0
      ? `Did you mean ${near.slice(0, 4).join(", ")}?`
      : "sockwarden doctor --all shows the ids.";
  return `There is no check ${id}. ${hint}`;
}
