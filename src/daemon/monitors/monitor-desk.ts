// Joins the monitors with the rest of the daemon: the configuration, the guards' latest numbers, health, metrics,
// status.

import type { Registry } from "prom-client";
import type { EventDocument, MonitorStatus } from "../../api/index.ts";
import type { MonitorConfig } from "../../config/index.ts";
import type { ListenerSeen } from "../../guard/index.ts";
import type { RuleName } from "../../model/index.ts";
import type { EventHub } from "../events.ts";
import type { HealthBook, HealthReport } from "../health.ts";
import type { LastSeen } from "../last-seen.ts";
import type { ListenerView } from "./diagnose-failure.ts";
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

/** Findings are told only once in a while, so a hoard counts as going on this long after its last one. */
const HOARD_LASTS_MS = 60_000;

/** Findings that blame no hoard. */
const NO_HOARD: ReadonlySet<RuleName> = new Set<RuleName>(["leaked", "limit-too-low", "proxied"]);

/** The latest hoard at a listener. */
interface Hoard {
  readonly text: string;
  readonly at: number;
}

export class MonitorDesk {
  readonly #options: MonitorDeskOptions;
  readonly #monitors: Monitors;
  /** By listener, the latest of each. */
  readonly #hoards = new Map<string, Hoard>();
  readonly #unfollow: () => void;

  constructor(options: MonitorDeskOptions) {
    const { registry, version, events } = options;
    this.#options = options;
    this.#monitors = new Monitors({
      listenerView: (name) => this.#viewOf(name),
      onChange: (change) => this.#report(change),
      registry,
      version,
    });
    this.#unfollow = events.follow((event) => this.#noteHoard(event));
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

  #noteHoard({ finding }: EventDocument): void {
    if (finding === undefined || finding.listener === null || NO_HOARD.has(finding.rule)) return;
    const who = finding.source === null ? "" : `${finding.source}: `;
    this.#hoards.set(finding.listener, { text: who + finding.text, at: this.#options.now() });
  }

  #viewOf(name: string): ListenerView | null {
    const { seen, now } = this.#options;
    const listener = seen.listener(name);
    if (listener === null) return null;
    const { bans, caps } = seen.totals();
    const hoard = this.#hoards.get(name);
    const isOn = hoard !== undefined && now() - hoard.at < HOARD_LASTS_MS;
    return listenerView(listener, { activeBans: bans + caps, hoard: isOn ? hoard.text : null });
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

function listenerView(seen: ListenerSeen, more: Pick<ListenerView, "activeBans" | "hoard">): ListenerView {
  const { name, pressure, slots, used, fdUsed, fdLimit, processes, backlog } = seen;
  const backlogs = backlog === null ? [] : [backlog];
  return { ...more, name, pressure, slots, used, fdUsed, fdLimit, processes, backlogs };
}
