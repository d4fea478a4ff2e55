// sockwarden diagnose: tells from two scans some seconds apart why the descriptors run out; needs no daemon.

import type { Command } from "commander";
import { positiveInteger } from "../argument-parsers.ts";
import { addScanOptions } from "../scan-verbs/options.ts";
import { severityOption } from "../severity-option.ts";
import type { DiagnoseArguments } from "./run.ts";

/** Long enough for a rate and for an honest client to speak, short enough to wait for. */
const SECONDS_DEFAULT = 5;

const EXAMPLES = `
Examples:
  sockwarden diagnose                       the listener that is nearest to exhaustion decides
  sockwarden diagnose -p 5060 --seconds 30  a SIP server, watched for longer
  sockwarden diagnose --netns blue --json   another network namespace, as one JSON document
  sockwarden diagnose --fail-on critical    exits with 1 when connections are refused, or soon will be

Causes:
  single-source-hoard    one source holds connections that it does not use
  distributed-hoard      many sources do, each a little
  half-open-flood        handshakes begun and never finished; no address is to blame
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
      "Reads sockets, accept queues, descriptors and the kernel's counters twice, some seconds apart. Names the causes, the surest first, with their numbers and what to do.",
    );
  addScanOptions(command)
    .option("--seconds <n>", "how long to watch", positiveInteger, SECONDS_DEFAULT)
    .addOption(severityOption("--fail-on <severity>", "exit with 1 when a finding is this bad or worse"))
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", EXAMPLES)
    .action(async (given: DiagnoseArguments) => {
      const { runDiagnose } = await import("./run.ts");
      await runDiagnose(given);
    });
}
