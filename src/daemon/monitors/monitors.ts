// The monitors of the configuration, each probed on its own beat. The number of probes at once is bounded: a monitor
// that is due beyond it waits its turn, once at most. Nothing here throws while it runs: a refusal by the world is a
// result.

import type { Registry } from "prom-client";
import type { MonitorConfig } from "../../config/index.ts";
import {
  DEFAULT_HYSTERESIS,
  firstProbeAt,
  type Hysteresis,
  type MonitorSchedule,
  nextProbeAt,
  type ProbeOptions,
  type ProbeResult,
  parseTarget,
  probe,
  RFC_TIMERS,
  randomFraction,
  systemResolver,
} from "../../sip/index.ts";
import { diagnoseFailure, type MonitoredListener, type ProbeDiagnosis } from "./diagnose-failure.ts";
import { MonitorError } from "./monitor-error.ts";
import { MonitorMetrics } from "./monitor-metrics.ts";
import {
  type MonitorChange,
  type MonitorSnapshot,
  type ServiceMemory,
  WatchedService,
} from "./watched-service.ts";

export interface MonitorsOptions {
  /** The guard's last view of a listener by its name; null where it knows none. */
  readonly listenerView: (listener: string) => MonitoredListener | null;
  readonly onChange: (change: MonitorChange) => void;
  /** Where the metrics go. */
  readonly registry: Registry;
  readonly version: string;
  /** Probes at once. */
  readonly concurrency?: number;
  /** Probes remembered of each monitor; 13 bytes each. */
  readonly historySize?: number;
  readonly hysteresis?: Hysteresis;
  /** For certificates of a private authority. */
  readonly tls?: ProbeOptions["tls"];
}

const CONCURRENCY = 64;
const HISTORY_SIZE = 360;
const JITTER = 0.1;
/** An answer that takes longer is late: a caller has begun to wonder. */
const LATE_MS = 2000;
const TIMER_MS_MAX = 2 ** 31 - 1;
const MAX_FORWARDS = 70;
const TLS: ProbeOptions["tls"] = { minVersion: "TLSv1.2", ca: null, certificate: null, insecure: false };

/** A monitor that runs, with when it is due by the monotonic clock. */
interface Beat {
  readonly service: WatchedService;
  readonly schedule: MonitorSchedule;
  readonly probe: ProbeOptions;
  dueAt: number;
  timer: NodeJS.Timeout | null;
}

/** The faults of monitors before they run: targets that cannot be asked. */
function monitorErrors(configs: readonly MonitorConfig[]): MonitorError[] {
  return configs.flatMap(({ name, target }) => {
    const parsed = parseTarget(target);
    return "kind" in parsed ? [new MonitorError(name, `${target}: ${parsed.why}`)] : [];
  });
}

export class Monitors {
  readonly #options: MonitorsOptions;
  readonly #metrics: MonitorMetrics;
  readonly #memory: ServiceMemory;
  readonly #resolver = systemResolver();
  readonly #abort = new AbortController();
  readonly #beats = new Map<string, Beat>();
  /** Beats that are due and wait for room. */
  readonly #waiting: Beat[] = [];
  readonly #running = new Set<Promise<void>>();

  constructor(options: MonitorsOptions) {
    this.#options = options;
    this.#metrics = new MonitorMetrics(options.registry);
    this.#memory = {
      historySize: options.historySize ?? HISTORY_SIZE,
      hysteresis: options.hysteresis ?? DEFAULT_HYSTERESIS,
    };
  }

  /**
   * Starts these monitors and stops all others. Unchanged ones keep their memory. A MonitorError changes nothing. Starts
   * none after stop(): a timer would keep the process alive until the next probe.
   */
  configure(configs: readonly MonitorConfig[]): void {
    if (this.#abort.signal.aborted) return;
    const [bad] = monitorErrors(configs);
    if (bad !== undefined) throw bad;
    const wanted = new Map(configs.map((config) => [config.name, config]));
    for (const [name, { service }] of this.#beats) {
      const config = wanted.get(name);
      if (config !== undefined && isSameConfig(config, service.config)) wanted.delete(name);
      else this.#remove(name);
    }
    for (const config of wanted.values()) this.#add(config);
    for (const { name } of configs) this.#moveToEnd(name);
  }

  /** In the order of the configuration. */
  snapshot(): MonitorSnapshot[] {
    return [...this.#beats.values()].map(({ service }) => service.snapshot());
  }

  /** How many probes run, and how many are due and wait. */
  load(): { readonly running: number; readonly waiting: number } {
    return { running: this.#running.size, waiting: this.#waiting.length };
  }

  /** Ends running probes; resolves when every socket is closed. */
  async stop(): Promise<void> {
    for (const name of [...this.#beats.keys()]) this.#remove(name);
    this.#abort.abort();
    await Promise.all(this.#running);
  }

  #add(config: MonitorConfig): void {
    const target = parseTarget(config.target);
    if ("kind" in target) throw new MonitorError(config.name, target.why);
    const service = new WatchedService(config, target, this.#memory);
    const schedule = { intervalMs: config.everyMs, jitter: JITTER };
    const dueAt = firstProbeAt(schedule, performance.now(), randomFraction());
    const beat: Beat = { service, schedule, probe: this.#probeOptions(config), dueAt, timer: null };
    this.#beats.set(config.name, beat);
    this.#await(beat);
  }

  #remove(name: string): void {
    const beat = this.#beats.get(name);
    if (beat === undefined) return;
    if (beat.timer !== null) clearTimeout(beat.timer);
    const place = this.#waiting.indexOf(beat);
    if (place >= 0) this.#waiting.splice(place, 1);
    this.#beats.delete(name);
    this.#metrics.forget(name);
  }

  #moveToEnd(name: string): void {
    const beat = this.#beats.get(name)!;
    this.#beats.delete(name);
    this.#beats.set(name, beat);
  }

  #await(beat: Beat): void {
    const waitMs = Math.min(Math.max(0, beat.dueAt - performance.now()), TIMER_MS_MAX);
    beat.timer = setTimeout(() => {
      beat.timer = null;
      this.#waiting.push(beat);
      this.#startDue();
    }, waitMs);
  }

  #startDue(): void {
    while (this.#running.size < (this.#options.concurrency ?? CONCURRENCY)) {
      const beat = this.#waiting.shift();
      if (beat === undefined) return;
      const run = this.#run(beat).finally(() => {
        this.#running.delete(run);
        this.#startDue();
      });
      this.#running.add(run);
    }
  }

  async #run(beat: Beat): Promise<void> {
    const { service, schedule, dueAt } = beat;
    const result = await probe(service.target, beat.probe, this.#abort.signal);
    // The monitor may have been removed during its probe.
    if (this.#abort.signal.aborted || this.#beats.get(service.config.name) !== beat) return;
    this.#absorb(service, result);
    beat.dueAt = nextProbeAt(schedule, dueAt, performance.now(), randomFraction());
    this.#await(beat);
  }

  #absorb(service: WatchedService, result: ProbeResult): void {
    const change = service.absorb(result, this.#diagnose(service.config, result));
    this.#metrics.observe(service, result);
    if (change !== null) this.#options.onChange(change);
  }

  #diagnose({ listener }: MonitorConfig, result: ProbeResult): ProbeDiagnosis | null {
    return listener === null ? null : diagnoseFailure(result, this.#options.listenerView(listener));
  }

  #probeOptions({ timeoutMs }: MonitorConfig): ProbeOptions {
    const { version, tls = TLS } = this.#options;
    return {
      method: "OPTIONS",
      credentials: null,
      deadlineMs: timeoutMs,
      lateAfterMs: Math.min(LATE_MS, timeoutMs / 2),
      expectation: null,
      timers: RFC_TIMERS,
      maxForwards: MAX_FORWARDS,
      userAgent: `sockwarden/${version}`,
      localAddress: null,
      tls,
      lookup: { resolver: this.#resolver, random: randomFraction, family: null },
      keepBinding: false,
      wallClockMs: () => Date.now(),
    };
  }
}

function isSameConfig(a: MonitorConfig, b: MonitorConfig): boolean {
  return (
    a.target === b.target &&
    a.everyMs === b.everyMs &&
    a.timeoutMs === b.timeoutMs &&
    a.listener === b.listener
  );
}
