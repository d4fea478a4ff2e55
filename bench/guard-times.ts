// Measures how fast the guard is at true scale: with the profile's own times and the contract's own limits. The
// kernel's counts and nft's listing judge it from outside (guard-probe.ts).

import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Lab, openLab, type Population, until } from "../lab/index.ts";
import { DEFAULT_LIMITS, DEFAULT_PRESSURE, PROFILES } from "../src/model/index.ts";
import { DaemonInLab } from "./daemon-in-lab.ts";
import { residentMiB } from "./process-usage.ts";

const PORT = 5060;
const speakWithinMs: number = PROFILES.sip.speakWithinMs!;
const KAMAILIO_SLOTS = 2048;
/**
 * The share of slots that counts as full: a connection that is missed between two of the kernel's counts must not hide
 * that all are taken.
 */
const AS_GOOD_AS_FULL = 0.995;
const BANS = 40_000;

export interface Times {
  /** The time from the moment when the connection that passes the limit is past its own time. */
  readonly banMs: number;
  readonly freedMs: number;
  /** The time from the count of sockets entering tight. */
  readonly tightToBanMs: number;
  readonly tightToFreedMs: number;
  readonly slotsFullMs: number;
  readonly evictMs: number;
  readonly evicted: number;
  readonly fileMs: number;
  readonly oneMs: number;
  readonly restartMs: number;
  readonly restartPlainMs: number;
  readonly bansResidentMiB: number;
}

/** Measures each time once. */
export async function measureTimes(say: (text: string) => void): Promise<Times> {
  say("guard: one source passes its limit");
  const limit = await passLimit();
  say("guard: 2 300 connections at once to Kamailio");
  const tight = await enterTight();
  say("guard: 10 000 connections evicted");
  const evicted = await evictMany();
  say(`guard: ${BANS} bans`);
  return { ...limit, ...tight, ...evicted, ...(await banMany()) };
}

async function passLimit() {
  await using lab = await openLab();
  await lab.echo({ port: PORT, address: "0.0.0.0", descriptors: 4096 });
  await using daemon = new DaemonInLab(lab, { name: "sip", ports: [PORT], profile: "sip" });
  await daemon.start();
  const probe = await startProbe(lab);
  await hoard(lab, 100);
  await sleep(speakWithinMs + 1500);
  const { samples, refusedAt } = await probe.end();
  const passedAt = at(samples, DEFAULT_LIMITS.unprovenPerSource + 1) + speakWithinMs;
  return { banMs: refusedAt - passedAt, freedMs: freedAt(samples) - passedAt };
}

async function enterTight() {
  await using lab = await openLab();
  await lab.kamailio({ port: PORT, digest: true });
  const listener = { name: "sip", ports: [PORT], profile: "sip", slots: KAMAILIO_SLOTS };
  await using daemon = new DaemonInLab(lab, listener);
  await daemon.start();
  await sleep(1000);
  const probe = await startProbe(lab);
  const population = await hoard(lab, 2300);
  const banned = () => / ban /.test(daemon.output());
  await until(banned, { what: "the hoarder to be banned", timeoutMs: 20_000 });
  await sleep(1000);
  const { samples, refusedAt } = await probe.end();
  await population.stop();
  const tightAt = at(samples, DEFAULT_PRESSURE.tight * KAMAILIO_SLOTS);
  const full = samples.filter(([, held]) => held - base(samples) >= AS_GOOD_AS_FULL * KAMAILIO_SLOTS);
  return {
    tightToBanMs: refusedAt - tightAt,
    tightToFreedMs: freedAt(samples) - tightAt,
    slotsFullMs: full.length === 0 ? 0 : full.at(-1)![0] - full[0]![0],
  };
}

async function evictMany() {
  await using lab = await openLab();
  await lab.echo({ port: PORT, address: "0.0.0.0", descriptors: 20_000, backlog: 4096 });
  await using daemon = new DaemonInLab(lab, { name: "generic", ports: [PORT], profile: "generic" });
  await daemon.start();
  const population = await hoard(lab, 10_000);
  await population.settled;
  const probe = await startProbe(lab, "");
  await daemon.command("evict", population.addresses[0]!);
  await sleep(1500);
  const { samples } = await probe.end();
  const most = Math.max(...samples.map(([, held]) => held));
  const begunAt = samples.findLast(([, held]) => held > 0.999 * most)![0];
  return { evictMs: freedAt(samples) - begunAt, evicted: most - samples.at(-1)![1] };
}

async function banMany() {
  await using lab = await openLab();
  await lab.echo({ port: PORT });
  await using daemon = new DaemonInLab(lab, { name: "sip", ports: [PORT], profile: "sip" });
  const restartPlainMs = await daemon.start();
  const addresses = lab.takeAddresses({ family: 4, addresses: BANS + 1 });
  const file = daemon.file("bans.txt");
  writeFileSync(file, `${addresses.slice(0, BANS).join("\n")}\n`);
  const fileMs = await timed(() => succeed(daemon, "ban", "--file", file, "--for", "1h"));
  const oneMs = await timed(() => succeed(daemon, "ban", addresses.at(-1)!, "--for", "1h"));
  const bansResidentMiB = residentMiB(daemon.pid);
  daemon.signal("SIGKILL");
  await daemon.ended();
  await lab.victim.run(["nft", "flush", "ruleset"]);
  const restartMs = await daemon.start();
  return { fileMs, oneMs, restartMs, restartPlainMs, bansResidentMiB };
}

async function succeed(daemon: DaemonInLab, ...args: readonly string[]): Promise<void> {
  const { code, stderr } = await daemon.command(...args);
  if (code !== 0) throw new Error(`sockwarden ${args[0]} ended with ${code}: ${stderr}`);
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await act();
  return performance.now() - startedAt;
}

/** Opens silent connections of one source, as fast as they are let in. */
function hoard(lab: Lab, count: number): Promise<Population> {
  const target = { address: lab.victimAddress4, port: PORT };
  const sources = { family: 4, addresses: 1 } as const;
  return lab.begin({ behaviour: "silent", count, sources, target, concurrency: 1000 });
}

type Samples = readonly (readonly [number, number])[];

interface Probed {
  readonly samples: Samples;
  /** NaN if nobody was refused. */
  readonly refusedAt: number;
}

async function startProbe(lab: Lab, what = "refused"): Promise<{ end(): Promise<Probed> }> {
  const script = fileURLToPath(new URL("./guard-probe.ts", import.meta.url));
  const enter = ["nsenter", `--net=/proc/${lab.victim.pid}/ns/net`, "--"];
  const [program, ...args] = [...enter, process.execPath, script, what];
  const probe = spawn(program!, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  probe.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await until(() => text.startsWith("ready\n"), { what: "the probe", timeoutMs: 10_000 });
  return {
    async end() {
      const ended = new Promise((resolve) => probe.once("close", resolve));
      probe.kill("SIGTERM");
      await ended;
      const { samples, refusedAt } = JSON.parse(text.slice("ready\n".length));
      return { samples, refusedAt: refusedAt ?? Number.NaN };
    },
  };
}

function base(samples: Samples): number {
  return samples[0]![1];
}

/** The moment when there were `more` sockets above the first count. */
function at(samples: Samples, more: number): number {
  return samples.find(([, held]) => held - base(samples) >= more)?.[0] ?? Number.NaN;
}

/** The moment when nearly all of the most sockets were gone; somebody else's call may still stand. */
function freedAt(samples: Samples): number {
  const most = Math.max(...samples.map(([, held]) => held));
  const peak = samples.findLastIndex(([, held]) => held > 0.9 * most);
  const end = samples.at(-1)![1];
  return samples.slice(peak).find(([, held]) => held <= end + 0.01 * most)?.[0] ?? Number.NaN;
}
