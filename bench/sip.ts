// Measures what SIP monitors cost, and what a probe adds to the bare exchange on its socket.
//
//   monitors  1 000 of them at 10 s, half UDP, half TCP, against a responder in another process: CPU of this process,
//             the same with bare exchanges in place of probes, and the same as the daemon runs them, with its metrics
//   overhead  a bare socket exchange and a probe in turns, in one run: medians, their difference and their ratio

import { spawn } from "node:child_process";
import dgram from "node:dgram";
import { once } from "node:events";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Registry } from "prom-client";
import { Monitors } from "../src/daemon/monitors/monitors.ts";
import {
  DEFAULT_HYSTERESIS,
  firstProbeAt,
  MonitorHistory,
  type MonitorState,
  nextProbeAt,
  type ProbeOptions,
  parseTarget,
  probe,
  RFC_TIMERS,
  randomFraction,
  stateOf,
  stepMonitor,
  systemResolver,
  type Target,
  UNKNOWN_MONITOR,
} from "../src/sip/index.ts";
import { median } from "./statistics.ts";

const MONITORS = 1000;
const SCHEDULE = { intervalMs: 10_000, jitter: 0.1 };
const ROUNDS = 400;

const options: ProbeOptions = {
  method: "OPTIONS",
  credentials: null,
  deadlineMs: 5000,
  lateAfterMs: 2000,
  expectation: null,
  timers: RFC_TIMERS,
  maxForwards: 70,
  userAgent: "sockwarden/bench",
  localAddress: null,
  tls: { minVersion: "TLSv1.2", ca: null, certificate: null, insecure: false },
  lookup: { resolver: systemResolver(), random: randomFraction, family: null },
  keepBinding: false,
  wallClockMs: () => Date.now(),
};
const never = new AbortController().signal;

/** Runs both parts and returns lines to print. */
export async function benchSip(seconds: number): Promise<readonly string[]> {
  const responder = spawn(process.execPath, [path.join(import.meta.dirname, "sip-responder.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(responder.stdout, "data")) as [Buffer];
    const port = Number(line.toString());
    const overhead = [await benchOverhead("udp", port), await benchOverhead("tcp", port)];
    // The two take turns, twice, since the first pays for compiling: the second figures are those of a daemon.
    const bare = async () =>
      describe("bare exchanges", await paced((where) => bareExchange(where), port, seconds));
    const monitors = async () =>
      describe("monitors", await paced((where) => probeOnce(where), port, seconds));
    const daemons = async () => describe("the daemon's monitors", await daemonMonitors(port, seconds));
    const warm = [await bare(), await monitors(), await daemons()];
    return [...overhead, ...warm, await bare(), await monitors(), await daemons()];
  } finally {
    responder.stdin.end();
    await once(responder, "exit");
  }
}

function target(transport: "udp" | "tcp", port: number): Target {
  const parsed = parseTarget(`${transport}:127.0.0.1:${port}`);
  if ("kind" in parsed) throw new Error(parsed.why);
  return parsed;
}

interface Cost {
  readonly runs: number;
  readonly notUp: number;
  readonly userMs: number;
  readonly systemMs: number;
  readonly elapsedMs: number;
}

/** One exchange on its own socket; true if it was answered. */
type ProbeRun = (where: Target) => Promise<boolean>;

/** Runs an exchange for each of MONITORS at their pace for `seconds`. Returns what this process used meanwhile. */
async function paced(run: ProbeRun, port: number, seconds: number): Promise<Cost> {
  const start = performance.now();
  const before = process.cpuUsage();
  const tally = { runs: 0, notUp: 0 };
  const places = Array.from({ length: MONITORS }, (_, i) => target(i % 2 === 0 ? "udp" : "tcp", port));
  await Promise.all(places.map((where) => runMonitor(where, run, start + seconds * 1000, tally)));
  const { user, system } = process.cpuUsage(before);
  return { ...tally, userMs: user / 1000, systemMs: system / 1000, elapsedMs: performance.now() - start };
}

/** The cost of as many monitors at the same pace, run by the daemon's own class. */
async function daemonMonitors(port: number, seconds: number): Promise<Cost> {
  const start = performance.now();
  const before = process.cpuUsage();
  const monitors = new Monitors({
    listenerView: () => null,
    onChange: () => {},
    registry: new Registry(),
    version: "bench",
  });
  monitors.configure(
    Array.from({ length: MONITORS }, (_, i) => ({
      name: `monitor ${i}`,
      target: `${i % 2 === 0 ? "udp" : "tcp"}:127.0.0.1:${port}`,
      everyMs: SCHEDULE.intervalMs,
      timeoutMs: options.deadlineMs,
      listener: null,
    })),
  );
  await sleep(seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  const seen = monitors.snapshot();
  await monitors.stop();
  return {
    runs: seen.reduce((sum, { probes }) => sum + probes, 0),
    notUp: seen.filter(({ state }) => state !== null && state !== "up").length,
    userMs: user / 1000,
    systemMs: system / 1000,
    elapsedMs: performance.now() - start,
  };
}

async function runMonitor(
  where: Target,
  run: ProbeRun,
  endAt: number,
  tally: { runs: number; notUp: number },
): Promise<void> {
  const history = new MonitorHistory(360);
  let monitor: MonitorState = UNKNOWN_MONITOR;
  let due = firstProbeAt(SCHEDULE, performance.now(), randomFraction());
  while (due < endAt) {
    await sleep(Math.max(0, due - performance.now()));
    const outcome = (await run(where)) ? "answered" : "no-response";
    history.add({ at: due, outcome, totalMs: performance.now() - due });
    monitor = stepMonitor(monitor, stateOf(outcome), due, DEFAULT_HYSTERESIS).next;
    tally.runs++;
    if (monitor.state !== "up") tally.notUp++;
    due = nextProbeAt(SCHEDULE, due, performance.now(), randomFraction());
  }
}

async function probeOnce(where: Target): Promise<boolean> {
  return stateOf((await probe(where, options, never)).outcome) === "up";
}

async function bareExchange({ transport, port }: Target): Promise<boolean> {
  await (transport === "udp" ? bareUdp(port ?? 0) : bareTcp(port ?? 0));
  return true;
}

function describe(name: string, { runs, notUp, userMs, systemMs, elapsedMs }: Cost): string {
  const cpuMs = userMs + systemMs;
  const share = ((100 * cpuMs) / elapsedMs).toFixed(1);
  const split = `user ${userMs.toFixed(0)} ms, system ${systemMs.toFixed(0)} ms`;
  return `${name}: ${MONITORS} at 10 s, ${runs} runs, ${notUp} not up: ${share} % of a core (${split}), ${(cpuMs / runs).toFixed(2)} ms each`;
}

async function benchOverhead(transport: "udp" | "tcp", port: number): Promise<string> {
  const where = target(transport, port);
  const bare: number[] = [];
  const probed: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    // Probe and bare exchange take turns in going first, so that neither warms the other's caches alone.
    const inOrder = [
      async () => void bare.push(await timed(() => bareExchange(where))),
      async () => void probed.push(await timed(() => probe(where, options, never))),
    ];
    for (const run of i % 2 === 0 ? inOrder : inOrder.toReversed()) await run();
  }
  const [b, p] = [median(bare.slice(ROUNDS / 4)), median(probed.slice(ROUNDS / 4))];
  return `overhead ${transport}: bare ${b.toFixed(3)} ms, probe ${p.toFixed(3)} ms, difference ${(p - b).toFixed(3)} ms, ratio ${(p / b).toFixed(2)}`;
}

const REQUEST =
  "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKbench;rport\r\nFrom: <sip:a>;tag=1\r\n" +
  "To: <sip:a>\r\nCall-ID: bench\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";

async function bareUdp(port: number): Promise<void> {
  const socket = dgram.createSocket("udp4");
  socket.connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.send(REQUEST);
  await once(socket, "message");
  socket.close();
}

async function bareTcp(port: number): Promise<void> {
  const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  socket.write(REQUEST);
  await once(socket, "data");
  socket.destroy();
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
