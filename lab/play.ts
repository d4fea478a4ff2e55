// The player: stages a scenario with or without protection, and watches from outside: by ss, /proc, nft and the
// clients' own results. It believes nothing that the program says of itself.
//
//   const result = await play(scenario, { protection: null, scale: 10, strict: false });
//   const wrong = contradictions(result, scenario.expect.unprotected);

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { LIST_TABLE, parseRefused, type RefusedAddresses } from "./bans.ts";
import type { HonestClients } from "./honest.ts";
import { Lab, type LabHonestOptions } from "./lab.ts";
import type { HonestReport, WatchSample } from "./messages.ts";
import { beginPhase, type PlannedPhase, planAttack } from "./play-attack.ts";
import { configurationText, socketIn } from "./play-configuration.ts";
import { judgePlay, type PlayRecord } from "./play-judge.ts";
import { playMishap } from "./play-mishap.ts";
import { ProtectorCost } from "./play-protector-cost.ts";
import type { PlaySample, ProtectorResult, ReportSample, ScenarioResult } from "./play-result.ts";
import { type PlayServer, portOf, protocolOf, startPlayServer } from "./play-server.ts";
import type { Population } from "./population.ts";
import type { Protection, Protector } from "./protection.ts";
import type { MishapPlan, Scenario } from "./scenarios/scenario.ts";
import { until } from "./wait.ts";
import type { Watch } from "./watch.ts";

const SAMPLE_EVERY_MS = 100;
const COLLECT_EVERY_MS = 250;
const SECOND_CALLER_TIMEOUT_MS = 4000;
const RESTART_TIMEOUT_MS = 5000;

export interface PlayOptions {
  /** Null if nothing stops the attack. */
  readonly protection: Protection | null;
  readonly scale: number;
  readonly strict: boolean;
  /** Runs `diagnose` in the victim namespace and returns its verdict. Scenarios with `diagnoseAtMs` need it. */
  readonly diagnose?: (lab: Lab, port: number) => Promise<string>;
  /** Called some four times a second, with the newest sample and the clients' report. */
  readonly onSample?: (sample: PlaySample, report: HonestReport) => void;
  /** Ends the play early. */
  readonly signal?: AbortSignal;
  /** Replaces the scenario's own length. */
  readonly lastsMs?: number;
}

export async function play(scenario: Scenario, options: PlayOptions): Promise<ScenarioResult> {
  const folder = await mkdtemp(path.join(tmpdir(), "sockwarden-play-"));
  const lab = await Lab.open();
  const abort = () => void lab.close();
  options.signal?.addEventListener("abort", abort);
  try {
    options.signal?.throwIfAborted();
    return await new Play(scenario, options, { lab, folder }).run();
  } catch (error) {
    options.signal?.throwIfAborted();
    throw error;
  } finally {
    options.signal?.removeEventListener("abort", abort);
    await lab.close();
    await rm(folder, { recursive: true, force: true });
  }
}

class Play {
  readonly #scenario: Scenario;
  readonly #options: PlayOptions;
  readonly #lab: Lab;
  readonly #folder: string;
  readonly #port: number;
  readonly #samples: PlaySample[] = [];
  readonly #reports: ReportSample[] = [];
  readonly #populations: Population[] = [];
  readonly #cost = new ProtectorCost();
  readonly #ended = new AbortController();
  #server!: PlayServer;
  #honest!: HonestClients;
  #office: HonestClients | null = null;
  #vanishing: HonestClients | null = null;
  #attack: readonly PlannedPhase[] = [];
  #protector: Protector | null = null;
  /** The wall clock with fractions, as in the samples. */
  #startedAt = 0;
  #protectedAtMs: number | null = null;
  #mishapOverAtMs: number | null = null;
  #cutByRestart = 0;
  #banTimes: { readonly fileMs: number; readonly oneMs: number } | null = null;
  #verdict: string | null = null;

  constructor(
    scenario: Scenario,
    options: PlayOptions,
    place: { readonly lab: Lab; readonly folder: string },
  ) {
    this.#scenario = scenario;
    this.#options = options;
    this.#lab = place.lab;
    this.#folder = place.folder;
    this.#port = portOf(scenario.server);
  }

  async run(): Promise<ScenarioResult> {
    await this.#stage();
    if (this.#scenario.protectedFromMs === undefined) await this.#protect();
    if (this.#protector !== null) await this.#banByFile(this.#protector);
    await using watch = disposable(await this.#watch());
    this.#startedAt = wallClock();
    const collecting = this.#collect(watch);
    try {
      // The first failure, or an abort, ends the play.
      await Promise.race([this.#unfold(), collecting.then(never)]);
      const secondCaller = await this.#callSecond();
      this.#ended.abort();
      await collecting;
      return await this.#conclude(secondCaller);
    } finally {
      this.#ended.abort();
    }
  }

  /** Plays the attack and all that goes with it, until the play has lasted long enough. */
  async #unfold(): Promise<void> {
    const { protectedFromMs, mishaps = [] } = this.#scenario;
    await Promise.all([
      this.#sleep(this.#lastsMs),
      ...this.#attack.map((planned) => this.#begin(planned)),
      ...(protectedFromMs === undefined ? [] : [this.#sleep(protectedFromMs).then(() => this.#protect())]),
      ...mishaps.map((plan) => this.#mishap(plan)),
      this.#vanish(),
      this.#diagnose(),
    ]);
  }

  get #protected(): boolean {
    return this.#options.protection !== null;
  }

  get #lastsMs(): number {
    const { unprotectedMs, protectedMs } = this.#scenario.lasts;
    return this.#options.lastsMs ?? (this.#protected ? protectedMs : unprotectedMs);
  }

  get #nowMs(): number {
    return wallClock() - this.#startedAt;
  }

  async #stage(): Promise<void> {
    const { server, honest, office, vanishing } = this.#scenario;
    this.#server = await startPlayServer(this.#lab, server);
    const { held, addresses, callers, callEveryMs, callRetryMs } = honest;
    this.#honest = await this.#gather(held, addresses, {
      callEveryMs,
      ...(callRetryMs === undefined ? {} : { callRetryMs }),
      ...(callers === "held" ? {} : { callSources: { family: 4, addresses: callers } }),
    });
    if (office !== undefined) this.#office = await this.#gather(office, 1);
    if (vanishing !== undefined) this.#vanishing = await this.#gather(vanishing.held, vanishing.held);
    this.#attack = planAttack(this.#lab, this.#scenario, this.#honest);
  }

  /** Starts honest clients that stay, as the scenario has them. `more` says what else they do. */
  #gather(held: number, addresses: number, more: Partial<LabHonestOptions> = {}): Promise<HonestClients> {
    const { server, honest } = this.#scenario;
    const { reconnectWithinMs } = honest;
    return this.#lab.honest({
      target: { address: this.#lab.victimAddress4, port: this.#port },
      protocol: protocolOf(server),
      heldEveryMs: honest.pingTrueMs / this.#options.scale,
      held,
      sources: { family: 4, addresses },
      callEveryMs: 0,
      ...(reconnectWithinMs === undefined ? {} : { reconnectWithinMs }),
      ...more,
    });
  }

  /** The clients' own report, with the office's. */
  async #report(): Promise<HonestReport> {
    const [report, office] = await Promise.all([this.#honest.report(), this.#office?.report()]);
    if (office === undefined) return report;
    return {
      ...report,
      heldOpen: report.heldOpen + office.heldOpen,
      heldCut: report.heldCut + office.heldCut,
      heldUnanswered: report.heldUnanswered + office.heldUnanswered,
    };
  }

  get #honestAddresses(): readonly string[] {
    return [...this.#honest.addresses, ...this.#honest.callAddresses, ...(this.#office?.addresses ?? [])];
  }

  #watch(): Promise<Watch> {
    // Forged sources are no attackers here: a socket at an honest address is the honest client's.
    const attacking = this.#attack.filter(({ phase }) => phase.behaviour !== "half-open");
    return this.#lab.watch({
      port: this.#port,
      serverPid: this.#server.pid,
      attackers: [...new Set(attacking.flatMap(({ addresses }) => addresses))],
      honest: this.#honestAddresses,
      everyMs: SAMPLE_EVERY_MS,
      bans: this.#protected,
    });
  }

  async #protect(): Promise<void> {
    const { protection, scale, strict } = this.#options;
    if (protection === null) return;
    const { server, mishaps = [] } = this.#scenario;
    const configuration = path.join(this.#folder, "sockwarden.yaml");
    const settings = { server, port: this.#port, folder: this.#folder, scale, strict };
    await writeFile(configuration, configurationText(settings));
    const has = (wanted: string) => mishaps.some(({ mishap }) => mishap === wanted);
    this.#protectedAtMs = this.#startedAt === 0 ? null : this.#nowMs;
    this.#protector = await protection.start({
      lab: this.#lab,
      folder: this.#folder,
      configuration,
      socket: socketIn(this.#folder),
      smallDisk: has("full-disk"),
      clockFile: has("clock-jump") ? path.join(this.#folder, "clock") : null,
    });
  }

  async #banByFile(protector: Protector): Promise<void> {
    const plan = this.#scenario.bansByFile;
    if (plan === undefined) return;
    const addresses = plan.attackFromThem
      ? this.#attack.flatMap((planned) => planned.addresses)
      : this.#lab.takeAddresses({ family: 4, addresses: plan.sources });
    const file = path.join(this.#folder, "bans.txt");
    await writeFile(file, `${addresses.slice(0, plan.sources).join("\n")}\n`);
    const fileMs = await timed(() => succeed(protector, ["ban", "--file", file, "--for", "1h"]));
    const [another] = this.#lab.takeAddresses({ family: 4, addresses: 1 });
    const oneMs = await timed(() => succeed(protector, ["ban", another!, "--for", "1h"]));
    this.#banTimes = { fileMs, oneMs };
  }

  #sleep(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#ended.signal });
  }

  async #begin(planned: PlannedPhase): Promise<void> {
    await this.#sleep(planned.phase.atMs ?? 0);
    const place = { port: this.#port, scale: this.#options.scale };
    this.#populations.push(await beginPhase(this.#lab, planned, place));
  }

  async #mishap(plan: MishapPlan): Promise<void> {
    await this.#sleep(plan.atMs);
    if (plan.mishap === "restart-server") await this.#restartServer();
    else if (this.#protector !== null) {
      const place = { lab: this.#lab, protector: this.#protector, folder: this.#folder };
      await playMishap(plan, place);
    }
    this.#mishapOverAtMs ??= this.#nowMs;
  }

  async #restartServer(): Promise<void> {
    await this.#server.stop();
    // The cuts are counted when all clients have lost their connection, and none has a server to come back to yet.
    const lost = async () => (await this.#report()).heldOpen === 0;
    await until(lost, { what: "the honest clients to notice the restart", timeoutMs: RESTART_TIMEOUT_MS });
    this.#cutByRestart += (await this.#report()).heldCut;
    this.#server = await startPlayServer(this.#lab, this.#scenario.server);
  }

  async #vanish(): Promise<void> {
    const plan = this.#scenario.vanishing;
    if (plan === undefined) return;
    await this.#sleep(plan.atMs);
    await this.#vanishing?.vanish();
  }

  async #diagnose(): Promise<void> {
    const { diagnoseAtMs } = this.#scenario;
    const { diagnose } = this.#options;
    if (diagnoseAtMs === undefined || diagnose === undefined) return;
    await this.#sleep(diagnoseAtMs);
    this.#verdict = await diagnose(this.#lab, this.#port);
  }

  /** Collects samples until the play has ended, and then once more. */
  async #collect(watch: Watch): Promise<void> {
    for (let last = false; !last; ) {
      // The end wakes it, which is no failure.
      await this.#sleep(COLLECT_EVERY_MS).catch(() => {});
      last = this.#ended.signal.aborted;
      const [report, samples] = await Promise.all([this.#report(), watch.take()]);
      this.#samples.push(...samples.map((sample) => this.#timed(sample)));
      this.#reports.push({ atMs: this.#nowMs, report });
      if (this.#protector !== null) this.#cost.sample(this.#protector.pid);
      const newest = this.#samples.at(-1);
      if (newest !== undefined) this.#options.onSample?.(newest, report);
    }
  }

  #timed(sample: WatchSample): PlaySample {
    return { ...sample, atMs: sample.at - this.#startedAt };
  }

  /** Calls with sipsak and returns its exit code: 0 for a 200, null if it gave no answer in time. */
  async #callSecond(): Promise<number | null> {
    if (this.#scenario.secondCaller === undefined) return null;
    const uri = `sip:ping@${this.#lab.victimAddress4}:${this.#port}`;
    const options = { timeoutMs: SECOND_CALLER_TIMEOUT_MS };
    const asked = this.#lab.client.run(["sipsak", "-E", "tcp", "-s", uri], options);
    return asked.then(({ code }) => code).catch(() => null);
  }

  async #conclude(secondCaller: number | null): Promise<ScenarioResult> {
    const refused = await this.#refused();
    const vanished = this.#vanishing === null ? 0 : await this.#countFrom(this.#vanishing.addresses);
    const counts = await Promise.all(this.#populations.map((population) => population.count()));
    const protector = this.#protector === null ? null : await this.#stopProtector(this.#protector);
    const gathered: PlayRecord = {
      scenario: this.#scenario,
      options: this.#options,
      samples: this.#samples,
      reports: this.#reports,
      honestAddresses: this.#honestAddresses,
      sharesAddresses: this.#scenario.attack.some(({ sources }) => sources === "honest"),
      attackOpened: counts.reduce((sum, { opened }) => sum + opened, 0),
      refused,
      protectedAtMs: this.#protectedAtMs,
      mishapOverAtMs: this.#mishapOverAtMs,
      cutByRestart: this.#cutByRestart,
      vanishedLeft: vanished,
      verdict: this.#verdict,
      secondCaller,
      protector,
    };
    return judgePlay(gathered);
  }

  async #refused(): Promise<RefusedAddresses | null> {
    if (!this.#protected) return null;
    const { code, stdout } = await this.#lab.victim.run(LIST_TABLE);
    return code === 0 ? parseRefused(stdout) : null;
  }

  async #countFrom(addresses: readonly string[]): Promise<number> {
    const sources = new Set(addresses);
    const text = await this.#lab.victim.read([
      "ss",
      "-tnH",
      "state",
      "established",
      "sport",
      "=",
      `:${this.#port}`,
    ]);
    const peers = text.split("\n").map((line) => line.trim().split(/\s+/)[3] ?? "");
    return peers.filter((peer) => sources.has(peer.slice(0, peer.lastIndexOf(":")))).length;
  }

  async #stopProtector(protector: Protector): Promise<ProtectorResult> {
    const status = await protector.command(["status", "--json"]).then(parseJson, () => null);
    const stopMs = await timed(() => protector.stop());
    const tableLeft = (await this.#lab.victim.run(LIST_TABLE)).code === 0;
    const { fileMs = null, oneMs = null } = this.#banTimes ?? {};
    const cost = this.#cost.result();
    return { ...cost, banFileMs: fileMs, banOneMs: oneMs, stopMs, tableLeft, status, log: protector.log() };
  }
}

const never = () => new Promise<never>(() => {});

function parseJson({ stdout }: { readonly stdout: string }): unknown {
  try {
    return JSON.parse(stdout);
  } catch {
    return null;
  }
}

async function succeed(protector: Protector, args: readonly string[]): Promise<void> {
  const { code, stderr } = await protector.command(args);
  if (code !== 0) throw new Error(`sockwarden ${args.join(" ")} ended with ${code}: ${stderr}`);
}

async function timed(act: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await act();
  return performance.now() - startedAt;
}

/** The wall clock. It is comparable between processes, unlike performance.now() alone. */
function wallClock(): number {
  return performance.timeOrigin + performance.now();
}

function disposable(watch: Watch): Watch & AsyncDisposable {
  return Object.assign(watch, { [Symbol.asyncDispose]: () => watch.stop() });
}
