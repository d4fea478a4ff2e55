// The daemon's subsystems in one place: what the service and the signals work with. Only src/daemon knows it.

import type { Worker } from "node:worker_threads";
import { type CheckDocument, ServiceError } from "../api/index.ts";
import {
  type Config,
  type ConfigProblem,
  changedKeys,
  type LoadOptions,
  loadConfig,
  restartKeys,
} from "../config/index.ts";
import type { News } from "../guard/index.ts";
import { bansRemembered } from "../judge/index.ts";
import { type AllowEntry, type Ban, formatNetwork } from "../model/index.ts";
import { type Ledger, openLedger } from "../record/index.ts";
import { monotonicMs } from "./clock.ts";
import { banDocument } from "./documents.ts";
import { banText, EventHub, evictionText, findingText } from "./events.ts";
import type { GuardError } from "./guard-thread.ts";
import { Guards } from "./guards.ts";
import { HealthBook, type HealthReport } from "./health.ts";
import { LastSeen } from "./last-seen.ts";
import { Metrics } from "./metrics.ts";

const MINUTE_MS = 60_000;
/** Bans that may still make the next term longer. */
const HISTORY_MS = 90 * 24 * 60 * MINUTE_MS;

export interface CoreOptions {
  readonly config: Config;
  /** From where it is read again. */
  readonly source: LoadOptions;
  /** By the command line, in place of the configuration's mode. */
  readonly mode: Config["mode"] | null;
  readonly netns: string | null;
  readonly version: string;
  readonly clockOffsetMs: number;
  readonly ledger: Ledger;
  /** A thread for the first guard that is loading already; null where there is none. */
  readonly warm: Worker | null;
  /** A guard has ended by itself. */
  readonly onEnd: (error: GuardError) => void;
}

export class Core {
  readonly version: string;
  readonly startedAt: string;
  readonly ledger: Ledger;
  readonly events: EventHub = new EventHub();
  readonly health: HealthBook = new HealthBook();
  readonly seen: LastSeen = new LastSeen();
  readonly metrics: Metrics = new Metrics();
  readonly #options: CoreOptions;
  #config: Config;
  #guards: Guards | null = null;

  constructor(options: CoreOptions) {
    this.#options = options;
    this.#config = options.config;
    this.version = options.version;
    this.ledger = options.ledger;
    this.startedAt = new Date(this.now()).toISOString();
  }

  get config(): Config {
    return this.#config;
  }

  /** Throws ServiceError before the start. */
  get guards(): Guards {
    if (this.#guards !== null) return this.#guards;
    throw new ServiceError({ code: "unavailable", message: "the daemon is starting; try again" });
  }

  /** Whether the kernel may be changed: only where there is something that was asked to be guarded. */
  get enforces(): boolean {
    return (this.#options.mode ?? this.#config.mode) === "enforce" && this.#config.listeners !== null;
  }

  /** Milliseconds since the epoch, by the daemon's clock. */
  now(): number {
    return monotonicMs() + this.#options.clockOffsetMs;
  }

  allowEntries(): AllowEntry[] {
    return [...this.#config.allow, ...this.ledger.allowEntries()];
  }

  /** Resolves when every guard has scanned once. */
  async start(): Promise<void> {
    const now = this.now();
    const remembered = {
      standings: this.ledger.standings(),
      bans: this.#bansOfMode(),
      histories: this.ledger.banHistory(now - HISTORY_MS, bansRemembered),
    };
    this.#guards = Guards.start({
      ...this.#guardOptions(),
      remembered,
      clockOffsetMs: this.#options.clockOffsetMs,
      warm: this.#options.warm,
      onNews: (news, netns) => this.#takeNews(news, netns),
      onEnd: (error) => this.#options.onEnd(error),
    });
    await this.#guards.ready();
    this.reportLedger();
    if (remembered.bans.length > 0)
      this.#tell(
        "ban",
        `${remembered.bans.length} ${remembered.bans.length === 1 ? "ban of before stands" : "bans of before stand"} again`,
      );
  }

  /** `bans` take the place of those that stand; null leaves these as they are. */
  async configureGuards(bans: readonly Ban[] | null = null): Promise<void> {
    await this.guards.configure({ ...this.#guardOptions(), bans });
  }

  /** The old configuration stays in force when the new one is wrong. */
  async reload(by: string): Promise<CheckDocument> {
    const loaded = loadConfig(this.#options.source);
    if (!loaded.ok) {
      this.#tell(
        "reload",
        `the configuration is wrong and the old one stays in force: ${firstOf(loaded.errors)}`,
      );
      this.report({
        code: "configuration",
        severity: "warning",
        text: `the files are wrong, the old configuration is in force: ${firstOf(loaded.errors)}`,
      });
      return { schema: 1, ok: false, errors: [...loaded.errors] };
    }
    const changed = changedKeys(this.#config, loaded.config);
    // Since the start: what an earlier reload could not change has not been changed by this one either.
    const restart = restartKeys(this.#options.config, loaded.config);
    const enforced = this.enforces;
    this.#config = loaded.config;
    await this.configureGuards(this.enforces === enforced ? null : this.#bansOfMode());
    this.report({ code: "configuration", severity: "notice", text: null });
    this.report({
      code: "restart-needed",
      severity: "notice",
      text: restart.length === 0 ? null : `changed, but only a restart makes it so: ${restart.join(", ")}`,
    });
    const what = changed.length === 0 ? "nothing has changed" : `changed: ${changed.join(", ")}`;
    this.#tell("reload", `configuration read again by ${by}; ${what}`);
    return { schema: 1, ok: true, errors: [] };
  }

  /** What observe would have done is no ban, and comes up as none. */
  #bansOfMode(): Ban[] {
    return this.enforces ? this.ledger.activeBans(this.now()) : [];
  }

  /** Keeps what a restart must bring back; in observe nothing was done, so nothing is kept. */
  recordBans(bans: readonly Ban[], by: string): void {
    if (this.enforces && bans.length > 0) this.ledger.addBans(bans, by, this.now());
    this.reportLedger();
  }

  async saveStandings(): Promise<void> {
    this.ledger.saveStandings(await this.guards.standings());
    this.reportLedger();
  }

  prune(): void {
    this.ledger.prune(this.now());
    this.reportLedger();
  }

  report(report: HealthReport): void {
    if (!this.health.report(report, this.now())) return;
    this.#tell("health", report.text ?? `${report.code}: well again`);
  }

  reportLedger(): void {
    const health = this.ledger.health();
    const text = health.ok ? null : health.text;
    this.report({ code: "ledger", severity: "warning", text });
  }

  /** Takes the rules out of the kernel, unless they are to stay. */
  async stop(): Promise<void> {
    const guards = this.#guards;
    if (guards === null) return;
    const [standings] = await Promise.allSettled([guards.standings()]);
    if (standings.status === "fulfilled") this.ledger.saveStandings(standings.value);
    await guards.stop({ keep: this.#config.enforce.onStop === "keep" });
  }

  #guardOptions(): Pick<Parameters<typeof Guards.start>[0], "config" | "enforces" | "netns" | "allow"> {
    return {
      config: this.#config,
      enforces: this.enforces,
      netns: this.#options.netns,
      allow: this.allowEntries(),
    };
  }

  #takeNews(news: News, netns: string | null): void {
    const { observes } = news;
    this.metrics.update(news, netns);
    const changes = this.seen.update(news, netns);
    this.metrics.updateBans(this.seen.totals());
    for (const change of changes) {
      const { listener, before, after, used, slots } = change;
      this.#tell(
        "pressure",
        `${listener}: ${before} -> ${after}, ${used} of ${slots ?? "unknown"} slots are taken`,
      );
    }
    for (const finding of news.findings) this.#tell("finding", findingText(finding), { finding });
    for (const ban of news.bans)
      this.#tell("ban", banText(ban, observes), { ban: banDocument(ban, { evicted: 0, packets: null }) });
    for (const evicted of news.evictions) {
      this.#tell("evict", evictionText({ ...evicted, source: formatNetwork(evicted.source) }, observes));
    }
    for (const report of news.health) this.report({ ...report, code: `guard-${report.code}` });
    this.#record(news);
  }

  #record({ bans, evictions, findings, observes }: News): void {
    const now = this.now();
    if (findings.length > 0) this.ledger.addFindings(findings, now);
    if (observes) return;
    for (const [rule, ruled] of Map.groupBy(bans, (ban) => ban.rule)) this.recordBans(ruled, rule);
    for (const evicted of evictions) this.ledger.addEviction({ ...evicted, at: now });
  }

  #tell(
    event: Parameters<EventHub["emit"]>[0]["event"],
    text: string,
    more: Pick<Parameters<EventHub["emit"]>[0], "finding" | "ban"> = {},
  ): void {
    this.events.emit({ at: new Date(this.now()).toISOString(), event, text, ...more });
  }
}

function firstOf(errors: readonly ConfigProblem[]): string {
  const [first] = errors;
  if (first === undefined) return "it cannot be read";
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : "";
  return `${first.file}:${first.line}:${first.column}: ${first.key}: ${first.message}${more}`;
}

/** Opens the ledger in the state folder. Throws LedgerError where another daemon has it. */
export function openDaemonLedger({
  stateDir,
  retentionMs,
  nowMs,
  boot,
}: {
  readonly stateDir: string;
  readonly retentionMs: number;
  readonly nowMs: number;
  readonly boot: { readonly id: string; readonly ms: () => number } | null;
}): Ledger {
  return openLedger({
    path: `${stateDir}/ledger.db`,
    retentionMs,
    nowMs,
    ...(boot === null ? {} : { bootId: boot.id, bootMs: boot.ms }),
  });
}
