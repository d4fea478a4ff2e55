// sockwarden diagnose: why the descriptors run out, from two looks some seconds apart; needs no daemon.

import { setTimeout as sleep } from "node:timers/promises";
import { type Command, Option } from "commander";
import { openScanner } from "../../census/index.ts";
import {
  diagnose,
  type Finding,
  gather,
  isAtLeast,
  SEVERITIES,
  type Severity,
  THIS_MACHINE,
} from "../../explain/index.ts";
import { diagnoseDocument } from "../diagnose-document.ts";
import { diagnoseText } from "../diagnose-text.ts";
import { ExitCode } from "../exit-code.ts";
import { addLookOptions, type LookArguments, lookOptions, positiveInteger } from "../look-options.ts";
import { paintStdout, printJson, printNote } from "../output.ts";
import { whoNotes } from "../who-text.ts";

interface DiagnoseArguments extends LookArguments {
  readonly seconds: number;
  readonly failOn?: Severity;
  readonly json?: true;
}

/** Long enough for a rate and for an honest client to speak, short enough to wait for. */
const SECONDS_DEFAULT = 5;
const WIDTH_MAX = 110;
const WIDTH_WITHOUT_TERMINAL = 100;

const EXAMPLES = `
Examples:
  sockwarden diagnose                       the listener that is nearest to exhaustion decides
  sockwarden diagnose -p 5060 --seconds 30  a SIP server, watched for longer
  sockwarden diagnose --netns blue --json   another network namespace, as one JSON document
  sockwarden diagnose --fail-on critical    exits with 1 when connections are or will soon be refused

Causes:
  single-source-hoard    one source holds connections that it does not use
  distributed-hoard      many sources do, each a little
  half-open-flood        handshakes begun and never finished; nobody is to blame by address
  program-leak           the program does not close what its peers have closed
  program-not-accepting  connections wait, although there are descriptors for them
  dead-peers             clients that vanished without closing
  organic-growth         more honest clients than before
  limit-too-low          honest clients fill a limit, or an accept queue
  machine-limit          open files, tracked connections or TCP memory of the whole machine
  churn                  connections that come and go
  healthy                none of these`;

export function registerDiagnose(program: Command): void {
  const command = program
    .command("diagnose")
    .summary("why the descriptors are running out")
    .description(
      "Looks twice, some seconds apart, at sockets, accept queues, descriptors and the kernel's counters, and names the causes, the surest first, with their numbers and what to do.",
    );
  addLookOptions(command)
    .option("--seconds <n>", "how long to watch", positiveInteger, SECONDS_DEFAULT)
    .addOption(
      new Option("--fail-on <severity>", "exit with 1 when a finding is this bad or worse").choices(
        SEVERITIES,
      ),
    )
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", EXAMPLES)
    .action(runDiagnose);
}

async function runDiagnose(given: DiagnoseArguments): Promise<void> {
  const options = lookOptions(given);
  await using scanner = openScanner({ netns: given.netns ?? null, thread: "inline" });
  const { observation, census } = await gather({
    scanner,
    look: options,
    seconds: given.seconds,
    now: () => Date.now(),
    sleep: waitWithProgress,
    history: null,
    ...THIS_MACHINE,
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
