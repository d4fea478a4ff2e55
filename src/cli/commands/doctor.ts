// sockwarden doctor: whether this machine is set up to hold its connections; needs no daemon and changes nothing.

import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import {
  CHECKS,
  type CheckResult,
  DoctorError,
  examine,
  judgeFile,
  lineResult,
  SEVERITIES,
  type Severity,
  TUNE_PROFILES,
  type TuneProfile,
} from "../../explain/index.ts";
import { doctorDocument, failsOn } from "../doctor-document.ts";
import { nagiosCode, nagiosLine } from "../doctor-nagios.ts";
import { doctorText, fileText } from "../doctor-text.ts";
import { ExitCode } from "../exit-code.ts";
import { paintStdout, printJson, printNote } from "../output.ts";
import { prove } from "../prove/prove.ts";

interface DoctorArguments {
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

const SECONDS_DEFAULT = 2;
const SECONDS_MAX = 60;

const EXAMPLES = `
Examples:
  sockwarden doctor                          every check, for a server with mobile clients
  sockwarden doctor --profile trunk --all    for a few known peers; shows what is fine, too
  sockwarden doctor --only net.core.somaxconn --only accept-queue
  sockwarden doctor --file /etc/sysctl.conf  judges each line of a sysctl, limits.conf or systemd file
  sockwarden doctor --netns blue --json      a container's or another namespace's settings, as one JSON document
  sockwarden doctor --prove                  the checks, and a self-test in namespaces of its own (some 15 s)
  sockwarden doctor --nagios                 one line and the exit code of a monitoring plugin
  sockwarden doctor --fail-on warning        exit code 1 when anything is as bad as a warning

Severities: critical, warning, notice. Nothing is ever changed; docs/doctor.md lists the checks.`;

export function registerDoctor(program: Command): void {
  program
    .command("doctor")
    .summary("whether this machine is set up to hold its connections")
    .description(
      "Reads limits, kernel settings, configuration files and counters, and says what is wrong, what was read, and what to write.",
    )
    .option("--only <id>", "only this check; may be given several times, or with commas", collectIds)
    .addOption(new Option("--severity <severity>", "only what is at least as bad").choices(SEVERITIES))
    .addOption(
      new Option("--profile <name>", "what the server's clients are like")
        .choices(TUNE_PROFILES)
        .default("mobile"),
    )
    .option("--netns <name|pid>", "the network namespace of the service")
    .option("--seconds <n>", "between the two readings of counters; 0 reads once", seconds, SECONDS_DEFAULT)
    .option("--file <path>", "judge the lines of this file instead; may be given several times", collect)
    .option(
      "--prove",
      "also show on this kernel, in private namespaces, that a ban blocks and an eviction frees",
    )
    .addOption(
      new Option("--fail-on <severity>", "exit with 1 when anything is at least as bad").choices(SEVERITIES),
    )
    .option("--nagios", "one line, and the exit code of a monitoring plugin")
    .option("-v, --all", "show what is fine, too")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", EXAMPLES)
    .action(runDoctor);
}

async function runDoctor(given: DoctorArguments): Promise<void> {
  const results = given.file === undefined ? await runChecks(given) : runFiles(given.file, given);
  if (given.json) printJson(doctorDocument(results));
  if (given.nagios) {
    if (!given.json) process.stdout.write(`${nagiosLine(results)}\n`);
    process.exitCode = nagiosCode(results);
  } else if (given.failOn !== undefined && failsOn(results, given.failOn)) {
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
    throw new DoctorError(`cannot read ${file}: ${error instanceof Error ? error.message : error}`, error);
  }
}

function collect(text: string, previous: string[] = []): string[] {
  return [...previous, text];
}

function collectIds(text: string, previous: string[] = []): string[] {
  const ids = text.split(",");
  for (const id of ids) {
    if (CHECKS.some((check) => check.id === id)) continue;
    const near = CHECKS.map((check) => check.id).filter((own) => own.includes(id) || id.includes(own));
    const hint =
      near.length > 0
        ? `Did you mean ${near.slice(0, 4).join(", ")}?`
        : "sockwarden doctor --all shows the ids.";
    throw new InvalidArgumentError(`There is no check ${id}. ${hint}`);
  }
  return [...previous, ...ids];
}

function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value > SECONDS_MAX) {
    throw new InvalidArgumentError(`Accepted are 0 to ${SECONDS_MAX} seconds.`);
  }
  return value;
}
