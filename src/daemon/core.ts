// The daemon's parts in one place, each opened, connected and closed here: the guards, the ledger, the monitors, the
// guards' latest numbers, events, health and metrics. The service and the signals work with it. Only src/daemon knows
// it.

import type { Worker } from "node:worker_threads";
import { type CheckDocument, ServiceError } from "../api/index.ts";
import { type Config, type LoadOptions, loadConfig } from "../config/index.ts";
import type { AllowEntry, Ban } from "../model/index.ts";
import type { Ledger } from "../record/index.ts";
import { monotonicMs } from "./clock.ts";
import { EventHub } from "./events.ts";
import type { GuardError } from "./guard-thread.ts";
import type { GuardsOfAll, GuardsOptions } from "./guards.ts";
import { HealthBook } from "./health.ts";
import { LastSeen } from "./last-seen.ts";
import { LedgerDesk } from "./ledger-desk.ts";
import { Metrics } from "./metrics.ts";
import { MonitorDesk } from "./monitors/monitor-desk.ts";
import { takeNews } from "./news-desk.ts";
import { reloadConfiguration } from "./reload.ts";

export interface CoreOptions {
  readonly config: Config;
  /** The place from which a reload reads the configuration. */
  readonly source: LoadOptions;
  /** From the command line, in place of the configuration's mode; null for none. */
  readonly mode: Config["mode"] | null;
  readonly netns: string | null;
  readonly version: string;
  readonly clockOffsetMs: number;
  readonly ledger: Ledger;
  readonly startGuards: (options: GuardsOptions) => GuardsOfAll;
  /** A thread that loads already, for the first guard; null for none. */
  readonly warm: Worker | null;
  /** A guard has ended by itself. */
  readonly onEnd: (error: GuardError) => void;
}

export class Core {
  readonly version: string;
  readonly startedAt: string;
  readonly ledger: LedgerDesk;
  readonly events: EventHub = new EventHub(() => this.now());
  readonly health: HealthBook = new HealthBook(
    () => this.now(),
    (text) => this.events.tell("health", text),
  );
  readonly seen: LastSeen = new LastSeen();
  readonly metrics: Metrics = new Metrics();
  readonly monitors: MonitorDesk;
  readonly #options: CoreOptions;
  #config: Config;
  #guards: GuardsOfAll | null = null;

  constructor(options: CoreOptions) {
    this.#options = options;
    this.#config = options.config;
    this.version = options.version;
    const now = (): number => this.now();
    this.ledger = new LedgerDesk({
      ledger: options.ledger,
      now,
      enforces: () => this.enforces,
      report: (report) => this.health.report(report),
    });
    const { events, health, seen, metrics, version } = this;
    this.monitors = new MonitorDesk({ events, health, seen, registry: metrics.registry, version, now });
    this.startedAt = new Date(this.now()).toISOString();
  }

  get config(): Config {
    return this.#config;
  }

  /** Throws ServiceError before the start. */
  get guards(): GuardsOfAll {
    if (this.#guards !== null) return this.#guards;
    throw new ServiceError({ code: "unavailable", message: "the daemon is starting; try again" });
  }

  /** Whether the kernel may be changed: in mode enforce, where the configuration names listeners. */
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
    const remembered = this.ledger.remembered();
    this.#guards = this.#options.startGuards({
      ...this.#guardOptions(),
      remembered,
      clockOffsetMs: this.#options.clockOffsetMs,
      warm: this.#options.warm,
      onNews: (news, netns) => takeNews(this, news, netns),
      onEnd: (error) => this.#options.onEnd(error),
    });
    await this.#guards.ready();
    this.ledger.check();
    const { length } = remembered.bans;
    if (length > 0)
      this.events.tell(
        "ban",
        `${length} ${length === 1 ? "earlier ban is" : "earlier bans are"} in force again`,
      );
  }

  /** Starts the monitors of the configuration in force: a reload may have come before. */
  startMonitors(): void {
    this.monitors.configure(this.#config.monitors);
  }

  /** `bans` replace the bans that stand; null leaves these as they are. */
  async configureGuards(bans: readonly Ban[] | null = null): Promise<void> {
    await this.guards.configure({ ...this.#guardOptions(), bans });
  }

  /** The old configuration stays in force when the new one is wrong. `by` says who asked, for the log. */
  reload(by: string): Promise<CheckDocument> {
    return reloadConfiguration(
      {
        load: () => loadConfig(this.#options.source),
        started: this.#options.config,
        current: () => this.#config,
        use: (config) => this.#use(config),
        report: (report) => this.health.report(report),
        tell: (text) => this.events.tell("reload", text),
      },
      by,
    );
  }

  async saveStandings(): Promise<void> {
    this.ledger.saveStandings(await this.guards.standings());
  }

  /** Takes the rules out of the kernel, unless they are to stay. */
  async stop(): Promise<void> {
    const guards = this.#guards;
    if (guards === null) return;
    // A guard that fails to give its standings is stopped all the same.
    const [standings] = await Promise.allSettled([guards.standings()]);
    if (standings.status === "fulfilled") this.ledger.saveStandings(standings.value);
    await guards.stop({ keep: this.#config.enforce.onStop === "keep" });
  }

  async #use(config: Config): Promise<void> {
    const enforced = this.enforces;
    this.#config = config;
    this.ledger.keepFor(config.retention.ledgerMs);
    await this.configureGuards(this.enforces === enforced ? null : this.ledger.bansOfMode());
    this.monitors.configure(config.monitors);
  }

  #guardOptions(): Pick<GuardsOptions, "config" | "enforces" | "netns" | "allow"> {
    return {
      config: this.#config,
      enforces: this.enforces,
      netns: this.#options.netns,
      allow: this.allowEntries(),
    };
  }
}
