// `status` for monitoring: how bad it is, and the one line of a plugin with performance data. Pure.

import type { ListenerStatus, StatusDocument } from "../../client/index.ts";
import { compareSeverity, count, type Severity } from "../../model/index.ts";
import { NagiosCode } from "../exit-code.ts";
import { type PluginReport, pluginReport } from "../plugin-report.ts";
import { reaches } from "../severity-option.ts";
import { printable } from "../text/foreign.ts";

/** More would not fit a pager. */
const REASONS_MAX = 3;
const REASON_CHARACTERS_MAX = 100;

interface Reason {
  readonly severity: Severity;
  readonly text: string;
}

/** Whether a listener's pressure or a health item is as bad as `least`, or worse. */
export function statusFailsOn(document: StatusDocument, least: Severity): boolean {
  return reaches(reasonsOf(document), least);
}

export function statusReport(document: StatusDocument): PluginReport {
  const performance = performanceData(document);
  return pluginReport("SOCKWARDEN", codeOf(document), { text: printable(reportText(document)), performance });
}

function codeOf(document: StatusDocument): NagiosCode {
  if (statusFailsOn(document, "critical")) return NagiosCode.CRITICAL;
  return statusFailsOn(document, "warning") ? NagiosCode.WARNING : NagiosCode.OK;
}

function reportText(document: StatusDocument): string {
  const reasons = reasonsOf(document).filter(({ severity }) => severity !== "notice");
  if (reasons.length === 0)
    return `${calmWords(document)}, ${count(document.bans, "ban")}, ${count(document.caps, "cap")}`;
  const told = reasons.slice(0, REASONS_MAX).map(({ text }) => text);
  const more = reasons.length > REASONS_MAX ? ` and ${reasons.length - REASONS_MAX} more` : "";
  return told.join("; ") + more;
}

function calmWords({ listeners }: StatusDocument): string {
  return listeners.length === 0 ? "no listener guarded" : `${count(listeners.length, "listener")} calm`;
}

/** The worst first. */
function reasonsOf({ listeners, health }: StatusDocument): Reason[] {
  const pressed = listeners.flatMap((listener): Reason[] => {
    const { name, pressure, connections, used, slots } = listener;
    if (pressure === "calm") return [];
    const held = slots === null ? String(connections) : `${used} of ${slots}`;
    return [
      {
        severity: pressure === "critical" ? "critical" : "warning",
        text: `${name} ${pressure}, ${held} connections`,
      },
    ];
  });
  const told = health.map(({ severity, text }) => ({ severity, text: shortened(text) }));
  return [...pressed, ...told].toSorted((a, b) => compareSeverity(a.severity, b.severity));
}

function shortened(text: string): string {
  return text.length > REASON_CHARACTERS_MAX ? `${text.slice(0, REASON_CHARACTERS_MAX)}...` : text;
}

/** `'label'=value;warn;crit;min;max`, https://nagios-plugins.org/doc/guidelines.html; the thresholds are the daemon's. */
function performanceData({ listeners, bans, caps }: StatusDocument): string {
  const items = listeners.flatMap(({ name, connections, slots, fdUsed, fdLimit }: ListenerStatus) => [
    `${label(name, "connections")}=${connections};;;0;${slots ?? ""}`,
    ...(fdUsed === null ? [] : [`${label(name, "descriptors")}=${fdUsed};;;0;${fdLimit ?? ""}`]),
  ]);
  return [...items, `bans=${bans};;;0;`, `caps=${caps};;;0;`].join(" ");
}

function label(listener: string, what: string): string {
  return `'${printable(listener).replaceAll(/['=|]/g, "_")} ${what}'`;
}
