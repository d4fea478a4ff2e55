// Measures how well `diagnose` names causes, and what it costs. The program plays the catalogue of situations as users
// run it, for a confusion matrix. The cost is the time beside the wait, at 100 000 connections.

import { fileURLToPath } from "node:url";
import {
  findProgram,
  type Lab,
  openLab,
  SITUATION_OPTIONS,
  SITUATIONS,
  type Situation,
} from "../lab/index.ts";
import { CAUSES, type Cause } from "../src/model/index.ts";
import { figure, markdownTable, median } from "./statistics.ts";

const BIN = fileURLToPath(new URL("../bin/sockwarden.js", import.meta.url));
const SERVERS = 7;
const CONNECTIONS = 100_000;
const SOURCES = 2000;
const ROUNDS = 3;
/** The shortest possible wait. It is subtracted from the measured time. */
const WAIT_SECONDS = 1;
const RUN = { timeoutMs: 60_000 };

type Cell = readonly [expected: string, named: Cause];

interface Document {
  readonly verdict: Cause;
  readonly causes: readonly { readonly cause: Cause; readonly confidence: number }[];
}

interface Played {
  readonly situation: Situation;
  readonly document: Document;
}

/** Plays the whole catalogue and measures the cost. Returns the section of RESULTS.md. `say` tells how far it is. */
export async function benchDiagnose(say: (text: string) => void): Promise<string> {
  const played: Played[] = [];
  const left: string[] = [];
  for (const situation of SITUATIONS) {
    if ((situation.needs ?? []).some((program) => findProgram(program) === null)) {
      left.push(situation.name);
      continue;
    }
    say(`diagnose: ${situation.name}`);
    played.push({ situation, document: await playSituation(situation) });
  }
  say(`diagnose: holding ${CONNECTIONS} connections`);
  const costMs = await measureCost();
  return resultSection(played, left, costMs);
}

async function playSituation(situation: Situation): Promise<Document> {
  await using lab = await openLab();
  const goOn = await situation.stage(lab);
  const [document] = await Promise.all([askDiagnose(lab, SITUATION_OPTIONS), goOn?.()]);
  return document;
}

async function askDiagnose(lab: Lab, options: readonly string[]): Promise<Document> {
  return JSON.parse(await lab.victim.read([process.execPath, BIN, "diagnose", "--json", ...options], RUN));
}

/** The time of the whole program from its start to its end, less the wait. */
async function measureCost(): Promise<number> {
  await using lab = await openLab();
  const each = Math.ceil(CONNECTIONS / SERVERS / 2);
  for (let i = 0; i < SERVERS; i++) {
    const server = await lab.echo({ port: 6000 + i, backlog: 4096 });
    const target = { address: lab.victimAddress4, port: server.port };
    const sources = { family: 4, addresses: Math.ceil(SOURCES / SERVERS / 2) } as const;
    for (const behaviour of ["silent", "talk-once"] as const)
      await lab.hold({ behaviour, count: each, sources, target });
  }
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const startMs = performance.now();
    await askDiagnose(lab, ["--seconds", String(WAIT_SECONDS)]);
    times.push(performance.now() - startMs - 1000 * WAIT_SECONDS);
  }
  return median(times);
}

function resultSection(played: readonly Played[], left: readonly string[], costMs: number): string {
  const right = played.filter(({ situation, document }) => situation.expected.includes(document.verdict));
  const cells = played.map(
    ({ situation: { expected }, document: { verdict } }): Cell => [
      // If two causes may come first, either of them is on the diagonal.
      expected.includes(verdict) ? verdict : expected[0],
      verdict,
    ],
  );
  const rows = played.map(({ situation, document: { verdict, causes } }) => [
    situation.name,
    situation.story,
    situation.expected.join(" or "),
    verdict,
    causes[0]!.confidence.toFixed(2),
    causes[1] === undefined ? "-" : `${causes[1].cause} ${causes[1].confidence.toFixed(2)}`,
  ]);
  const program = (needs: string): number =>
    played.filter(({ situation }) => situation.needs?.includes(needs)).length;
  return [
    "## Diagnose: which cause is named first",
    `${played.length} staged situations with real sockets, ${program("kamailio")} of them with Kamailio and ${program("mosquitto")} with mosquitto; times scaled to a tenth and less (${SITUATION_OPTIONS.join(" ")}). The expected cause came first in ${right.length} of ${played.length}.`,
    ...(left.length === 0 ? [] : [`Left out, since a program is missing: ${left.join(", ")}.`]),
    "Rows: what was staged. Columns: what was named first.",
    matrix(cells),
    markdownTable(["situation", "what is going on", "expected", "named first", "confidence", "second"], rows),
    `Cost at ${CONNECTIONS} connections of ${SOURCES} sources, as median of ${ROUNDS}: ${figure(costMs / 1000)} s from the program's start to its end, the chosen wait not counted. To reach: under 2 s.`,
  ].join("\n\n");
}

/** The confusion matrix. Only causes that occur get a row or a column. */
function matrix(cells: readonly Cell[]): string {
  const occurring = CAUSES.filter((cause) => cells.some((cell) => cell.includes(cause)));
  const rows = occurring.map((expected) => [
    expected,
    ...occurring.map((named) => {
      const n = cells.filter((cell) => cell[0] === expected && cell[1] === named).length;
      return n === 0 ? "" : String(n);
    }),
  ]);
  return markdownTable(["", ...occurring], rows);
}
