// Joins the monitors with the rest of the daemon: the configuration, what the guards saw last, health and metrics.

import type { EventDocument } from "../../api/index.ts";
import type { ListenerSeen } from "../../guard/index.ts";
import type { RuleName } from "../../model/index.ts";
import type { Core } from "../core.ts";
import type { ListenerView } from "./diagnose-failure.ts";
import { MonitorError } from "./monitor-error.ts";
import { Monitors } from "./monitors.ts";
import type { MonitorChange } from "./watched-service.ts";

/** The part of the daemon that monitors live on. */
export type MonitoredCore = Pick<
  Core,
  "config" | "events" | "metrics" | "now" | "report" | "seen" | "version"
>;

/** A finding is told once in a while, so that a hoard goes on for a time after the last one. */
const HOARD_LASTS_MS = 60_000;

/** Findings that say whose fault a shortage is not. */
const NO_HOARD: ReadonlySet<RuleName> = new Set<RuleName>(["leaked", "limit-too-low", "proxied"]);

/** Starts the configuration's monitors and follows it. Resolves what it returns when no probe runs any more. */
export function startMonitors(core: MonitoredCore): { readonly monitors: Monitors; stop(): Promise<void> } {
  const hoards = new Map<string, { readonly text: string; readonly at: number }>();
  const monitors = new Monitors({
    listenerView: (name) => viewOf(core, name, hoards),
    onChange: (change) => report(core, change),
    registry: core.metrics.registry,
    version: core.version,
  });
  const unfollow = core.events.follow((event) => {
    if (event.event === "reload") configureAnew(core, monitors);
    else noteHoard(event, hoards, core.now());
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

/** Bounded by the listeners: only the latest of each is kept. */
function noteHoard(
  { finding }: EventDocument,
  hoards: Map<string, { readonly text: string; readonly at: number }>,
  at: number,
): void {
  if (finding === undefined || finding.listener === null || NO_HOARD.has(finding.rule)) return;
  const who = finding.source === null ? "" : `${finding.source}: `;
  hoards.set(finding.listener, { text: who + finding.text, at });
}

function viewOf(
  core: MonitoredCore,
  name: string,
  hoards: ReadonlyMap<string, { readonly text: string; readonly at: number }>,
): ListenerView | null {
  const seen = core.seen.listener(name);
  if (seen === null) return null;
  const { bans, caps } = core.seen.totals();
  const hoard = hoards.get(name);
  const isOn = hoard !== undefined && core.now() - hoard.at < HOARD_LASTS_MS;
  return listenerView(seen, { activeBans: bans + caps, hoard: isOn ? hoard.text : null });
}

function listenerView(seen: ListenerSeen, more: Pick<ListenerView, "activeBans" | "hoard">): ListenerView {
  const { name, pressure, slots, used, fdUsed, fdLimit, processes, backlog } = seen;
  const backlogs = backlog === null ? [] : [backlog];
  return { ...more, name, pressure, slots, used, fdUsed, fdLimit, processes, backlogs };
}
