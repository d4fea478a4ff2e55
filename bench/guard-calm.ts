// Measures what guarding costs while nothing happens: 100 000 connections of registered phones that ping every 100 s,
// from half as many sources, and nobody comes or goes. Processor time and memory are the process's own, over a minute.
// The main loop's delay is measured in a second run, because measuring it costs time as well.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Lab, openLab, REGISTER, until } from "../lab/index.ts";
import { DaemonInLab } from "./daemon-in-lab.ts";
import { loadAverages, residentMiB, threadTimes, usedSince } from "./process-usage.ts";

const CONNECTIONS = 100_000;
const SOURCES = 50_000;
/** How many server processes hold the connections. With fewer, one's descriptors would be nearly scarce. */
const PROCESSES = 12;
const SERVER_DESCRIPTORS = 20_000;
const PING_MS = 100_000;
/** The time of the first scans, which find the owners and warm the compiler. */
const SETTLE_MS = 15_000;
const MEASURE_MS = 60_000;
const SAMPLE_MS = 500;
const PORT = 5060;

export interface Calm {
  readonly connections: number;
  readonly cpuShare: number;
  /** The share of the main thread alone. */
  readonly mainShare: number;
  readonly scans: number;
  readonly residentMiB: number;
  readonly pressed: boolean;
  readonly stallMs: number;
  /** The same for an idle Node at the same time. */
  readonly idleStallMs: number;
  readonly load: string;
}

export async function measureCalm(
  say: (text: string) => void,
  measureMs: number = MEASURE_MS,
): Promise<Calm> {
  await using lab = await openLab();
  say(`guard: holding ${CONNECTIONS} connections`);
  await lab.echo({ port: PORT, backlog: 4096, processes: PROCESSES, descriptors: SERVER_DESCRIPTORS });
  const population = await lab.hold({
    behaviour: "registered",
    count: CONNECTIONS,
    sources: { family: 4, addresses: SOURCES },
    target: { address: lab.victimAddress4, port: PORT },
    text: REGISTER,
    intervalMs: PING_MS,
    concurrency: 64,
    connectTimeoutMs: 30_000,
  });
  say("guard: calm, processor time and memory");
  const cost = await measureCost(lab, measureMs);
  say("guard: calm, the main loop");
  const stalls = await measureStalls(lab, measureMs);
  return { connections: (await population.count()).open, ...cost, ...stalls, load: loadAverages() };
}

async function measureCost(lab: Lab, measureMs: number) {
  await using daemon = await startDaemon(lab);
  const before = { threads: threadTimes(daemon.pid), scans: await daemon.metric("sockwarden_scans") };
  const startMs = performance.now();
  let most = 0;
  while (performance.now() - startMs < measureMs) {
    await sleep(SAMPLE_MS);
    most = Math.max(most, residentMiB(daemon.pid));
  }
  const elapsedMs = performance.now() - startMs;
  const now = threadTimes(daemon.pid);
  const main = String(daemon.pid);
  return {
    cpuShare: usedSince(before.threads, now) / elapsedMs,
    mainShare: (now.get(main)! - before.threads.get(main)!) / elapsedMs,
    scans: (await daemon.metric("sockwarden_scans")) - before.scans,
    residentMiB: most,
    pressed: / -> (tight|critical)/.test(daemon.output()),
  };
}

async function measureStalls(lab: Lab, measureMs: number) {
  const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-bench-"));
  const preload = ["--import", fileURLToPath(new URL("./loop-delay.js", import.meta.url))];
  const probe = (name: string) => ({ SOCKWARDEN_LOOP_DELAY: path.join(folder, name) });
  try {
    await using daemon = await startDaemon(lab, preload, probe("guard"));
    const idle = await lab.victim.start([process.execPath, ...preload, "-e", "setInterval(() => {}, 1e6)"], {
      env: probe("idle"),
    });
    await sleep(2000);
    for (const to of [daemon, idle]) to.signal("SIGUSR2");
    await sleep(measureMs);
    const both = [daemon, idle];
    for (const name of ["guard", "idle"]) rmSync(path.join(folder, name), { force: true });
    for (const to of both) to.signal("SIGUSR2");
    const read = async (name: string) => {
      const file = path.join(folder, name);
      await until(() => readOr(file) !== "", { what: "the loop's delay", timeoutMs: 5000 });
      return Number(readOr(file));
    };
    const stalls = { stallMs: await read("guard"), idleStallMs: await read("idle") };
    await idle.stop();
    return stalls;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function startDaemon(
  lab: Lab,
  nodeOptions: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<DaemonInLab> {
  const daemon = new DaemonInLab(lab, { name: "sip", ports: [PORT], profile: "sip" });
  await daemon.start(nodeOptions, env);
  await sleep(SETTLE_MS);
  return daemon;
}

function readOr(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
