// Runs `sockwarden drill` once its arguments are read: loaded for this verb alone, since the lab is large.

import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import {
  cannotPlay,
  labUnavailable,
  type PlayOptions,
  play,
  SCENARIOS,
  type Scenario,
  type ScenarioResult,
  sockwardenDiagnose,
  sockwardenProtection,
  withEchoServer,
} from "../../../lab/index.ts";
import { onEndSignals } from "../end-signals.ts";
import { ExitCode } from "../exit-code.ts";
import { paintStderr, paintStdout, printJson, printNote } from "../output.ts";
import { isUtf8Locale } from "../terminal/line.ts";
import { formatTable } from "../text/table.ts";
import { drillSummaryDocument, type Half, sampleDocument, scenariosDocument } from "./document.ts";
import { comparisonText, liveLine } from "./text.ts";

export interface DrillArguments {
  readonly list?: true;
  readonly only?: Half;
  readonly strict?: true;
  readonly seconds?: number;
  readonly scale: number;
  readonly json?: true;
}

const LINE_EVERY_MS = 500;

export async function runDrill(id: string, given: DrillArguments, command: Command): Promise<void> {
  if (given.list) {
    listScenarios(given.json === true);
    return;
  }
  const wanted = SCENARIOS.find((one) => one.id.toLowerCase() === id.toLowerCase());
  if (wanted === undefined) {
    command.error(`error: there is no scenario '${id}'; --list shows them.`, { exitCode: ExitCode.USAGE });
  }
  const unavailable = labUnavailable();
  if (unavailable !== null) {
    printNote(`sockwarden: ${unavailable}. Run it as root, or allow unprivileged user namespaces.`);
    process.exitCode = ExitCode.FAILED;
    return;
  }
  await playBoth(playable(wanted), given);
}

function listScenarios(json: boolean): void {
  if (json) {
    printJson(scenariosDocument(SCENARIOS));
    return;
  }
  const columns = [
    { title: "SCENARIO", align: "left" },
    { title: "WHAT HAPPENS", align: "left" },
  ] as const;
  const rows = SCENARIOS.map(({ id, title }) => [id, title]);
  process.stdout.write(`${formatTable(columns, rows).join("\n")}\n`);
}

/** The scenario with the servers that are installed here. */
function playable(scenario: Scenario): Scenario {
  const missing = cannotPlay(scenario);
  if (missing === null) return scenario;
  printNote(`${missing}: playing against an echo server instead.`);
  return withEchoServer(scenario);
}

async function playBoth(scenario: Scenario, given: DrillArguments): Promise<void> {
  const control = new AbortController();
  using _ = onEndSignals(() => control.abort());
  const halves: readonly Half[] = given.only === undefined ? ["unprotected", "protected"] : [given.only];
  const results: Partial<Record<Half, ScenarioResult>> = {};
  if (!given.json) printNote(`${scenario.id}: ${scenario.title}`);
  try {
    for (const half of halves)
      results[half] = await playHalf(scenario, half, { given, signal: control.signal });
  } catch (error) {
    if (!control.signal.aborted) throw error;
    printNote("Stopped. Nothing of the drill is left.");
    process.exitCode = ExitCode.FAILED;
    return;
  }
  const judged = given.seconds === undefined ? scenario : withoutExpectations(scenario);
  if (given.json) printJson(drillSummaryDocument(judged, results, given.scale));
  else process.stdout.write(`${comparisonText(judged, results, paintStdout).join("\n")}\n`);
}

/** Drops the expectations: they speak of the end of the scenario's own time, and of no other length. */
function withoutExpectations(scenario: Scenario): Scenario {
  return { ...scenario, expect: { unprotected: null, protected: [] } };
}

interface HalfOptions {
  readonly given: DrillArguments;
  readonly signal: AbortSignal;
}

function playHalf(scenario: Scenario, half: Half, { given, signal }: HalfOptions): Promise<ScenarioResult> {
  return play(scenario, {
    protection: half === "protected" ? sockwardenProtection(ownProgram()) : null,
    scale: given.scale,
    strict: given.strict === true,
    signal,
    diagnose: sockwardenDiagnose(ownProgram(), given.scale),
    onSample: showSamples(scenario, half, given.json === true),
    ...(given.seconds === undefined ? {} : { lastsMs: given.seconds * 1000 }),
  });
}

/** Prints a line from time to time: for a program to stdout, for people to stderr. */
function showSamples(scenario: Scenario, half: Half, json: boolean): NonNullable<PlayOptions["onSample"]> {
  const unicode = isUtf8Locale(process.env);
  let dueMs = 0;
  return (sample, report) => {
    if (sample.atMs < dueMs) return;
    dueMs = sample.atMs + LINE_EVERY_MS - 50;
    if (json) printJson(sampleDocument({ scenario, half, sample, report }));
    else
      process.stderr.write(
        `${liveLine({ scenario, half, sample, report }, { paint: paintStderr, unicode })}\n`,
      );
  };
}

/** The sources lie three folders below the package, the compiled files four. */
function ownProgram(): string {
  const places = ["../../../bin/sockwarden.js", "../../../../bin/sockwarden.js"];
  const files = places.map((place) => fileURLToPath(new URL(place, import.meta.url)));
  const found = files.find((file) => existsSync(file));
  if (found === undefined) throw new Error(`the program's own file is missing: ${files[0]}`);
  return found;
}
