// Measures what a scan costs against three others in one run, at three sizes: the bare receive loop in C (the floor),
// ss read by a program, and the netstat line of the account that the project comes from. The victim namespace of a lab
// holds the connections. Every figure is the median of rounds taken in turn, A B C A B C, so that the machine's drift
// hits all.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Lab, openLab } from "../lab/index.ts";
import { holdMore } from "./hold-more.ts";
import { figure, markdownTable, median } from "./statistics.ts";

const SIZES = [1000, 20_000, 100_000];
const TURNS = 3;
/** How many scans of a process do not count: the compiler and the memory must be warm, as in a daemon. */
const WARM_UP = 10;
const ROUNDS = 9;
const SOURCES = 2000;
const RUN = { timeoutMs: 120_000 };

/** The netstat line. `times` adds the processor time of the shell's children: user and system time. */
const NETSTAT_LINE =
  "netstat -nat | awk '{print $5}' | cut -d: -f1 | sort | uniq -c | sort -n >/dev/null; times";

/** The output of a round's processes. */
interface ScanRound {
  readonly ms?: readonly number[];
  readonly kernelMs?: readonly number[];
  readonly sockets?: number;
  readonly sources?: number;
  readonly worstStallMs?: number;
}

interface Cost {
  readonly wallMs: number;
  /** Processor time of all its programs, which run side by side. */
  readonly cpuMs: number;
}

interface Measured {
  readonly sockets: number;
  readonly floorMs: number;
  readonly scanMs: number;
  readonly kernelMs: number;
  readonly ssMs: number | null;
  readonly netstat: Cost | null;
  readonly rssBytes: number;
  readonly stallMs: { readonly auto: number; readonly inline: number };
  readonly sources: number;
}

/** Measures all sizes and returns the section of RESULTS.md. `say` tells how far it is. */
export async function benchScan(say: (text: string) => void): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-bench-"));
  try {
    const floor = path.join(folder, "receive-loop");
    compile(fileURLToPath(new URL("./receive-loop.c", import.meta.url)), floor);
    await using lab = await openLab();
    const measured: Measured[] = [];
    let held = 0;
    for (const size of SIZES) {
      say(`scan: holding ${size} connections`);
      await holdMore(lab, {
        from: held,
        until: size,
        sourcesFor: (connections) => Math.ceil((SOURCES * connections) / size),
      });
      held = size;
      say(`scan: measuring at ${size}`);
      measured.push(await measure(lab, floor));
    }
    return resultSection(measured);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compile(source: string, program: string): void {
  const { status, stderr, error } = spawnSync("gcc", ["-O2", "-o", program, source], { encoding: "utf8" });
  if (status !== 0)
    throw new Error(`gcc is needed for the floor (Debian's package gcc): ${error?.message ?? stderr}`);
}

async function measure(lab: Lab, floor: string): Promise<Measured> {
  const script = (name: string): string => fileURLToPath(new URL(`./${name}.ts`, import.meta.url));
  const json = async (argv: readonly string[]): Promise<ScanRound> => JSON.parse(await output(lab, argv));
  const node = (name: string, ...args: readonly unknown[]): Promise<ScanRound> =>
    json([process.execPath, script(name), ...args.map(String)]);

  const floors: number[] = [];
  const scans: number[] = [];
  const kernels: number[] = [];
  const ss: number[] = [];
  const netstat: Cost[] = [];
  let last: ScanRound = {};
  for (let turn = 0; turn < TURNS; turn++) {
    floors.push(...numbers((await json([floor, String(ROUNDS + 2)])).ms).slice(2));
    last = await node("scan-rounds", WARM_UP + ROUNDS);
    scans.push(...numbers(last.ms).slice(WARM_UP));
    kernels.push(...numbers(last.kernelMs).slice(WARM_UP));
    ss.push(...numbers((await node("ss-rounds", 2)).ms).slice(1));
    if (existsSync("/usr/bin/netstat") || existsSync("/bin/netstat")) netstat.push(await runNetstatLine(lab));
  }
  const rssBytes = await residentBytes(lab);
  const auto = await node("stall-rounds", ROUNDS, "auto");
  const inline = await node("stall-rounds", ROUNDS, "inline");
  return {
    sockets: Number(last.sockets),
    sources: Number(last.sources),
    floorMs: median(floors),
    scanMs: median(scans),
    kernelMs: median(kernels),
    ssMs: median(ss),
    netstat:
      netstat.length === 0
        ? null
        : {
            wallMs: median(netstat.map(({ wallMs }) => wallMs)),
            cpuMs: median(netstat.map(({ cpuMs }) => cpuMs)),
          },
    rssBytes,
    stallMs: { auto: Number(auto.worstStallMs), inline: Number(inline.worstStallMs) },
  };
}

/** The most memory that the compiled program, as it is installed, holds during some seconds of `top --json`. */
async function residentBytes(lab: Lab): Promise<number> {
  const main = fileURLToPath(new URL("../dist/src/cli/main.js", import.meta.url));
  const argv = [
    process.execPath,
    main,
    "top",
    "--json",
    "--top",
    "10",
    "--interval",
    "200ms",
    "--count",
    "30",
  ];
  const top = await lab.victim.start(argv);
  let most = 0;
  let running = true;
  void top.ended.then(() => {
    running = false;
  });
  while (running) {
    most = Math.max(most, residentNow(top.pid));
    await sleep(100);
  }
  return most;
}

/** The resident memory of a process; 0 if it has just ended. */
function residentNow(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

async function output(lab: Lab, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.victim.run(argv, RUN);
  if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${stderr}`);
  return stdout;
}

async function runNetstatLine(lab: Lab): Promise<Cost> {
  const startMs = performance.now();
  const times = await output(lab, ["sh", "-c", NETSTAT_LINE]);
  const wallMs = performance.now() - startMs;
  // "0m0.12s 0m0.34s": the shell's own on the first line, its children's on the second.
  const used = times
    .trim()
    .split("\n")
    .at(-1)!
    .matchAll(/(\d+)m([\d.]+)s/g);
  const cpuMs = [...used].reduce(
    (sum, [, minutes, seconds]) => sum + 60_000 * Number(minutes) + 1000 * Number(seconds),
    0,
  );
  return { wallMs, cpuMs };
}

function numbers(value: readonly number[] | undefined): readonly number[] {
  if (value === undefined) throw new TypeError("a round printed no list of milliseconds");
  return value;
}

/**
 * Says how far the netstat line could be beaten at all. Its text says less than tcp_info, so it asks less of the
 * kernel.
 */
function floorNote({ netstat, floorMs, sockets }: Measured): string {
  if (netstat === null) return "The netstat line is left out: no netstat (Debian's package net-tools).";
  const most = figure(netstat.wallMs / floorMs);
  return `At ${sockets} sockets the receive loop in C, with tcp_info, is itself ${most} x as fast as the netstat line: no scan that says what connections do can be faster than that.`;
}

function resultSection(measured: readonly Measured[]): string {
  const ratio = (of: number | null, to: number): string =>
    of === null ? "left out" : `${figure(of / to)} x`;
  const costs = measured.map((m) => [
    String(m.sockets),
    String(m.sources),
    figure(m.floorMs),
    figure(m.scanMs),
    ratio(m.scanMs, m.floorMs),
    ratio(m.ssMs, m.scanMs),
    ratio(m.netstat?.wallMs ?? null, m.scanMs),
    ratio(m.netstat?.cpuMs ?? null, m.scanMs),
  ]);
  const where = measured.map((m) => [
    String(m.sockets),
    figure(m.floorMs),
    figure(m.kernelMs),
    figure(m.scanMs - m.kernelMs),
    figure((1e6 * (m.scanMs - m.kernelMs)) / m.sockets),
  ]);
  const thread = measured.map((m) => [
    String(m.sockets),
    figure(m.rssBytes / 2 ** 20),
    figure(m.stallMs.auto),
    figure(m.stallMs.inline),
  ]);
  return [
    "## A scan: read, decode, count by source",
    "To reach at 100 000 sockets: at most 1.3 x the bare receive loop in C; at least 3 x faster than `ss -tinOH` read by a program, 5 x faster than the netstat line.",
    markdownTable(
      [
        "sockets",
        "rows of (listener, source)",
        "receive loop in C, ms",
        "scan, ms",
        "scan / loop",
        "ss / scan",
        "netstat line / scan",
        "its processor time / scan",
      ],
      costs,
    ),
    floorNote(measured.at(-1)!),
    "Where the scan's time goes. The kernel's part is the time inside sendto() and recvfrom(), with the calls' own cost; the rest is decoding and counting.",
    markdownTable(
      [
        "sockets",
        "receive loop in C, ms",
        "in the kernel, ms",
        "decode and count, ms",
        "of that, ns a socket",
      ],
      where,
    ),
    "Resident: the most memory that the installed program held during thirty scans of `top --json`, its scanning thread included. Stall: the longest time that the main loop stood still during nine scans through a scanner, which uses a thread as it decides itself; inline, without a thread.",
    markdownTable(["sockets", "resident, MiB", "worst stall, ms", "worst stall inline, ms"], thread),
  ].join("\n\n");
}
