// `status` for monitoring: how bad it is, and the one line of a plugin with performance data. Pure.

import type { ListenerStatus, StatusDocument } from "../../client/index.ts";
import { compareSeverity, isAtLeast, type Severity } from "../../model/index.ts";
import { NagiosCode } from "../exit-code.ts";
import { printable } from "../text/foreign.ts";
import { count } from "./words.ts";

/** More would not fit a pager. */
const REASONS_MAX = 3;
const REASON_CHARACTERS_MAX = 100;

interface Reason {
  readonly severity: Severity;
  readonly text: string;
}

/** Whether a listener's pressure or a health item is as bad as `severity`, or worse. */
export function reaches(document: StatusDocument, severity: Severity): boolean {
  return reasonsOf(document).some((reason) => isAtLeast(reason.severity, severity));
}

export function nagiosCode(document: StatusDocument): number {
  if (reaches(document, "critical")) return NagiosCode.CRITICAL;
  return reaches(document, "warning") ? NagiosCode.WARNING : NagiosCode.OK;
}

export function nagiosLine(document: StatusDocument): string {
  const word = ["OK", "WARNING", "CRITICAL"][nagiosCode(document)];
  const reasons = reasonsOf(document).filter(({ severity }) => severity !== "notice");
  const more = reasons.length > REASONS_MAX ? ` and ${reasons.length - REASONS_MAX} more` : "";
  const said =
    reasons.length === 0
      ? `${calmWords(document)}, ${count(document.bans, "ban")}, ${count(document.caps, "cap")}`
      : reasons
          .slice(0, REASONS_MAX)
          .map(({ text }) => text)
          .join("; ") + more;
  // A bar begins the performance data, so none may come before it.
  const text = printable(`SOCKWARDEN ${word} - ${said}`).replaceAll("|", "/");
  return `${text} | ${performanceData(document)}`;
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
