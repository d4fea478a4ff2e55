// Measures what guarding costs and how fast it is, by the numbers of the design: calm at 100 000 connections, the times
// from an attack's beginning to its end at true scale, the judge with many sources, and processor time during an
// attack.

import { fileURLToPath } from "node:url";
import { cannotPlay, play, SCENARIOS, sockwardenProtection } from "../lab/index.ts";
import { type Calm, measureCalm } from "./guard-calm.ts";
import { measureJudge, type StepCost } from "./guard-judge.ts";
import { measureTimes, type Times } from "./guard-times.ts";
import { loadAverages } from "./process-usage.ts";
import { figure, markdownTable, median } from "./statistics.ts";

const TIMES_ROUNDS = 3;
const ATTACKS = ["A9", "A12"];
const ATTACK_MS = 10_000;

interface Attacked {
  readonly title: string;
  readonly cpuShare: number;
  readonly residentMiB: number;
  readonly calls: string;
}

/** Measures everything and returns the section of RESULTS.md. `say` tells how far it is. */
export async function benchGuard(say: (text: string) => void): Promise<string> {
  const judge = measureJudge();
  const calm = await measureCalm(say);
  const times: Times[] = [];
  for (let round = 0; round < TIMES_ROUNDS; round++) times.push(await measureTimes(say));
  const attacked: Attacked[] = [];
  for (const id of ATTACKS) attacked.push(await attack(id, say));
  return [
    "## The guard: what it costs and how fast it is",
    calmText(calm),
    timesText(times),
    judgeText(judge),
    attackedText(attacked),
  ].join("\n\n");
}

/** Plays an attack at true scale with the compiled program. */
async function attack(id: string, say: (text: string) => void): Promise<Attacked> {
  say(`guard: ${id}`);
  const scenario = SCENARIOS.find((one) => one.id === id)!;
  const missing = cannotPlay(scenario);
  if (missing !== null) throw new Error(missing);
  const main = fileURLToPath(new URL("../dist/src/cli/main.js", import.meta.url));
  const protection = sockwardenProtection(main);
  const result = await play(scenario, { protection, scale: 1, strict: false, lastsMs: ATTACK_MS });
  return {
    title: scenario.title,
    cpuShare: result.protector!.cpuShare,
    residentMiB: result.protector!.residentMbMax,
    calls: `${result.callsAnswered} of ${result.callsTotal}`,
  };
}

function calmText(calm: Calm): string {
  const rows = [
    ["connections", String(calm.connections), ""],
    ["processor time of all threads, % of one core", figure(100 * calm.cpuShare), "1"],
    ["of that the main thread", figure(100 * calm.mainShare), ""],
    ["scans", String(calm.scans), ""],
    ["resident at the most, MiB", figure(calm.residentMiB), "120"],
    ["longest delay of the main loop, ms", figure(calm.stallMs), "20"],
    ["the same of an idle Node at the same time, ms", figure(calm.idleStallMs), ""],
    ["load average of the machine", calm.load, ""],
  ];
  const pressed = calm.pressed ? " It was not calm all the time." : "";
  return `Calm, over a minute each: phones of 50 000 sources that ping every 100 s at one listener of twelve processes; nobody comes or goes.${pressed}\n\n${markdownTable(["", "measured", "to stay below"], rows)}`;
}

function timesText(all: readonly Times[]): string {
  const of = (key: keyof Times): string[] => {
    const values = all.map((times) => times[key]);
    return [figure(median(values)), values.map(figure).join(", ")];
  };
  const rows = [
    ["one source passes its limit (the 21st connection past its time): to the ban", ...of("banMs"), "200"],
    ["... to the last freed socket", ...of("freedMs"), "1000"],
    ["2 300 at once to Kamailio: from entering tight to the ban", ...of("tightToBanMs"), ""],
    ["... to the last freed socket", ...of("tightToFreedMs"), "150"],
    ["... slots full", ...of("slotsFullMs"), "200"],
    ["10 000 sockets evicted", ...of("evictMs"), "1000"],
    ["40 000 bans by `ban --file`, the verb's own start included", ...of("fileMs"), ""],
    ["one more by `ban`, the verb's own start included", ...of("oneMs"), ""],
    ["start with 40 000 earlier bans and a flushed table, until it answers", ...of("restartMs"), ""],
    ["start without bans, until it answers", ...of("restartPlainMs"), ""],
    ["resident after 40 000 bans by file, MiB", ...of("bansResidentMiB"), ""],
  ];
  return `Times at full scale, ms, as median of ${all.length}; bans as nft lists them every 20 ms, sockets as the kernel counts them every millisecond. Load averages at the end: ${loadAverages()}.\n\n${markdownTable(["", "median", "each", "to stay below"], rows)}`;
}

function judgeText(costs: readonly StepCost[]): string {
  const rows = costs.map(({ what, sources, connections, ms, nextMs, bans, evictions }) => [
    what,
    String(sources),
    String(connections),
    figure(ms),
    figure(nextMs),
    String(bans),
    String(evictions),
  ]);
  const header = [
    "one step of the judge",
    "sources",
    "connections",
    "ms",
    "the next step, ms",
    "bans",
    "evictions",
  ];
  return `The judge alone, processor time as median of nine; the attackers hold five connections each, 250 in a /24.\n\n${markdownTable(header, rows)}`;
}

function attackedText(all: readonly Attacked[]): string {
  const rows = all.map(({ title, cpuShare, residentMiB, calls }) => [
    title,
    figure(100 * cpuShare),
    figure(residentMiB),
    calls,
  ]);
  return `While it goes on, at Kamailio, over ${ATTACK_MS / 1000} s.\n\n${markdownTable(["attack", "% of one core", "resident at the most, MiB", "honest calls answered"], rows)}`;
}
