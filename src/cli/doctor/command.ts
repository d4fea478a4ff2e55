// sockwarden doctor: tells whether this machine is set up to hold its connections; needs no daemon and changes nothing.

import { type Command, InvalidArgumentError, Option } from "commander";
import { severityOption } from "../severity-option.ts";
import { tuneProfileOption } from "../tune-profile-option.ts";
import type { DoctorArguments } from "./run.ts";

const SECONDS_DEFAULT = 2;
const SECONDS_MAX = 60;

const EXAMPLES = `
Examples:
  sockwarden doctor                          every check, for a server with mobile clients
  sockwarden doctor --profile trunk --all    for a few known peers; shows what is fine, too
  sockwarden doctor --only net.core.somaxconn --only accept-queue
  sockwarden doctor --file /etc/sysctl.conf  judges each line of a sysctl, limits.conf or systemd file
  sockwarden doctor --netns blue --json      a container's or another namespace's settings, as one JSON document
  sockwarden doctor --prove                  the checks, and a self-test in namespaces of its own (some 7 s)
  sockwarden doctor --nagios                 one line and the exit code of a monitoring plugin
  sockwarden doctor --fail-on warning        exit code 1 when anything is a warning or worse

Severities: critical, warning, notice. Nothing is ever changed; docs/doctor.md lists the checks.`;

export function registerDoctor(program: Command): void {
  program
    .command("doctor")
    .summary("whether this machine is set up to hold its connections")
    .description(
      "Reads limits, kernel settings, configuration files and counters, and says what is wrong, what was read, and what to write.",
    )
    .option("--only <id>", "only this check; may be given several times, or with commas", collectIds)
    .addOption(severityOption("--severity <severity>", "only findings at least this bad"))
    .addOption(tuneProfileOption("what the server's clients are like"))
    .option("--netns <name|pid>", "the network namespace of the service")
    .option(
      "--seconds <n>",
      "time between the two readings of counters; 0 reads once",
      seconds,
      SECONDS_DEFAULT,
    )
    .option("--file <path>", "judge the lines of this file instead; may be given several times", collect)
    .addOption(
      new Option(
        "--prove",
        "also show on this kernel, in private namespaces, that a ban blocks and an eviction frees",
      ).conflicts("file"),
    )
    .addOption(severityOption("--fail-on <severity>", "exit with 1 when anything is at least this bad"))
    .option("--nagios", "one line, and the exit code of a monitoring plugin")
    .option("-v, --all", "show what is fine, too")
    .option("--json", "one JSON document on stdout")
    .addHelpText("after", EXAMPLES)
    .action(examineMachine);
}

async function examineMachine(given: DoctorArguments, command: Command): Promise<void> {
  const { runDoctor, strangeId } = await import("./run.ts");
  const strange = strangeId(given.only ?? []);
  if (strange !== null) command.error(`error: ${strange}`);
  await runDoctor(given);
}

function collect(text: string, previous: string[] = []): string[] {
  return [...previous, text];
}

function collectIds(text: string, previous: string[] = []): string[] {
  return [...previous, ...text.split(",")];
}

function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || value > SECONDS_MAX) {
    throw new InvalidArgumentError(`Accepted are 0 to ${SECONDS_MAX} seconds.`);
  }
  return value;
}
