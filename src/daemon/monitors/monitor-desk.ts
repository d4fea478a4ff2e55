// Joins the monitors with the rest of the daemon: the configuration, the guards' latest numbers, health, metrics,
// status.

import type { Registry } from "prom-client";
import type { MonitorStatus } from "../../api/index.ts";
import type { MonitorConfig } from "../../config/index.ts";
import type { EventHub } from "../events.ts";
import type { HealthBook, HealthReport } from "../health.ts";
import type { LastSeen } from "../last-seen.ts";
import type { MonitoredListener } from "./diagnose-failure.ts";
import { Hoards } from "./hoards.ts";
import { MonitorError } from "./monitor-error.ts";
import { Monitors } from "./monitors.ts";
import type { MonitorChange, MonitorSnapshot } from "./watched-service.ts";

export interface MonitorDeskOptions {
  /** Findings explain failures. */
  readonly events: Pick<EventHub, "follow">;
  readonly health: Pick<HealthBook, "report">;
  readonly seen: Pick<LastSeen, "listener" | "totals">;
  readonly registry: Registry;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export class MonitorDesk {
  readonly #options: MonitorDeskOptions;
  readonly #monitors: Monitors;
  readonly #hoards = new Hoards();
  readonly #unfollow: () => void;

  constructor(options: MonitorDeskOptions) {
    const { registry, version, events, now } = options;
    this.#options = options;
    this.#monitors = new Monitors({
      listenerView: (name) => this.#viewOf(name),
      onChange: (change) => this.#report(change),
      registry,
      version,
    });
    this.#unfollow = events.follow(({ finding }) => {
      if (finding !== undefined) this.#hoards.note(finding, now());
    });
  }

  /**
   * Starts these monitors and stops all others. Unchanged ones keep their memory. A target that cannot be asked is a
   * health item, and leaves the monitors as they are.
   */
  configure(configs: readonly MonitorConfig[]): void {
    const before = this.#monitors.snapshot();
    let text: string | null = null;
    try {
      this.#monitors.configure(configs);
    } catch (error) {
      if (!(error instanceof MonitorError)) throw error;
      text = `${error.message}; the monitors stay as they were`;
    }
    this.#options.health.report({ code: "monitors", severity: "warning", text });
    this.#forgetTroubles(before);
  }

  /** Every monitor, in the order of the configuration. */
  statuses(): MonitorStatus[] {
    return this.#monitors.snapshot().map(statusOf);
  }

  /** Ends running probes; resolves when every socket is closed. */
  async stop(): Promise<void> {
    this.#unfollow();
    await this.#monitors.stop();
  }

  /** Clears the troubles of monitors that are gone or begin anew, since they have no state. The others keep theirs. */
  #forgetTroubles(before: readonly MonitorSnapshot[]): void {
    const now = this.#monitors.snapshot().filter(({ state }) => state !== null);
    const settled = new Set(now.map(({ name }) => name));
    for (const { name } of before) if (!settled.has(name)) this.#options.health.report(wellAgain(name));
  }

  #report({ name, to, text }: MonitorChange): void {
    const severity = to === "down" ? "critical" : "warning";
    this.#options.health.report(to === "up" ? wellAgain(name) : { code: codeOf(name), severity, text });
  }

  #viewOf(name: string): MonitoredListener | null {
    const { seen, now } = this.#options;
    const listener = seen.listener(name);
    if (listener === null) return null;
    const { bans, caps } = seen.totals();
    const { pressure, slots, used, fdUsed, fdLimit, processes, backlog, conduct } = listener;
    return {
      name,
      pressure,
      slots,
      used,
      fdUsed,
      fdLimit,
      backlogs: backlog === null ? [] : [backlog],
      processes,
      activeBans: bans + caps,
      leaked: conduct.leaked,
      hoard: this.#hoards.of(name, slots, now()),
    };
  }
}

function wellAgain(name: string): HealthReport {
  return { code: codeOf(name), severity: "notice", text: null };
}

function codeOf(name: string): string {
  return `monitor-${name}`;
}

function statusOf(snapshot: MonitorSnapshot): MonitorStatus {
  const { name, target, listener, state, outcome, text, availability } = snapshot;
  return {
    name,
    target,
    listener,
    state,
    since: timeOf(snapshot.since),
    lastProbeAt: timeOf(snapshot.at),
    outcome,
    text,
    totalMs: snapshot.ms?.total ?? null,
    availability,
    certificateExpiresAt: timeOf(snapshot.certificateExpiresAt),
  };
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
