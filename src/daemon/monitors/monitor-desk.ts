// Joins the monitors with the rest of the daemon: the configuration, what the guards saw last, health and metrics.

import type { Core } from "../core.ts";
import type { MonitoredListener } from "./diagnose-failure.ts";
import { Hoards } from "./hoards.ts";
import { MonitorError } from "./monitor-error.ts";
import { Monitors } from "./monitors.ts";
import type { MonitorChange } from "./watched-service.ts";

/** The part of the daemon that monitors live on. */
export type MonitoredCore = Pick<
  Core,
  "config" | "events" | "metrics" | "now" | "report" | "seen" | "version"
>;

/** Starts the configuration's monitors and follows it. Resolves what it returns when no probe runs any more. */
export function startMonitors(core: MonitoredCore): { readonly monitors: Monitors; stop(): Promise<void> } {
  const hoards = new Hoards();
  const monitors = new Monitors({
    listenerView: (name) => viewOf(core, name, hoards),
    onChange: (change) => report(core, change),
    registry: core.metrics.registry,
    version: core.version,
  });
  const unfollow = core.events.follow((event) => {
    if (event.event === "reload") configureAnew(core, monitors);
    else if (event.finding !== undefined) hoards.note(event.finding, core.now());
  });
  tryToConfigure(core, monitors);
  return {
    monitors,
    stop: async () => {
      unfollow();
      await monitors.stop();
    },
  };
}

/** A target that cannot be asked stops no guarding: the monitors stay as they were. */
function tryToConfigure(core: MonitoredCore, monitors: Monitors): void {
  let text: string | null = null;
  try {
    monitors.configure(core.config.monitors);
  } catch (error) {
    if (!(error instanceof MonitorError)) throw error;
    text = `${error.message}; the monitors stay as they were`;
  }
  core.report({ code: "monitors", severity: "warning", text });
}

function configureAnew(core: MonitoredCore, monitors: Monitors): void {
  const before = monitors.snapshot();
  tryToConfigure(core, monitors);
  // Those that are gone or begin anew have no state to complain of; the others keep theirs.
  const settled = new Set(
    monitors
      .snapshot()
      .filter(({ state }) => state !== null)
      .map(({ name }) => name),
  );
  for (const { name } of before) if (!settled.has(name)) core.report(wellAgain(name));
}

function report(core: MonitoredCore, { name, to, text }: MonitorChange): void {
  if (to === "up") core.report(wellAgain(name));
  else core.report({ code: codeOf(name), severity: to === "down" ? "critical" : "warning", text });
}

function wellAgain(name: string): Parameters<Core["report"]>[0] {
  return { code: codeOf(name), severity: "notice", text: null };
}

function codeOf(name: string): string {
  return `monitor-${name}`;
}

function viewOf(core: MonitoredCore, name: string, hoards: Hoards): MonitoredListener | null {
  const seen = core.seen.listener(name);
  if (seen === null) return null;
  const { bans, caps } = core.seen.totals();
  const { pressure, slots, used, fdUsed, fdLimit, processes, backlog, conduct } = seen;
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
    hoard: hoards.of(name, slots, core.now()),
  };
}
