// The text of `status`: one line on the daemon, tables of listeners and monitors, and what is wrong. Pure.

import type { HealthItem, ListenerStatus, StatusDocument } from "../../client/index.ts";
import { compareSeverity, count, slotShare } from "../../model/index.ts";
import { ago, spanText, utcText } from "../daemon-verbs/times.ts";
import type { Paint } from "../output.ts";
import { PRESSURE_COLOURS, SEVERITY_COLOURS } from "../text/colours.ts";
import { descriptorCell } from "../text/descriptors.ts";
import { printable } from "../text/foreign.ts";
import { formatTable, left, right } from "../text/table.ts";
import { wrapText } from "../text/wrap.ts";
import { monitorTable } from "./monitors-text.ts";

const WIDTH = 110;
const BAR_CELLS = 10;

/** Without a line break at the end. */
export function statusText(document: StatusDocument, now: number, paint: Paint): string {
  const { listeners, monitors, health } = document;
  const blocks = [daemonText(document, now)];
  blocks.push(
    listeners.length === 0 ? "No listener is guarded." : listenerTable(listeners, now, paint).join("\n"),
  );
  if (monitors.length > 0) blocks.push(monitorTable(monitors, now, paint));
  blocks.push(...healthBlocks(health, now, paint));
  return blocks.join("\n\n");
}

function daemonText({ mode, since, version, bans, caps }: StatusDocument, now: number): string {
  const running = `Sockwarden ${printable(version)}, running for ${spanText(now - Date.parse(since))}, since ${utcText(since)}`;
  const doing =
    mode === "enforce"
      ? "Mode enforce: bans, caps and evicts."
      : "Mode observe: says what it would do, and does nothing; `mode: enforce` lets it act.";
  return `${running}\n${doing} ${count(bans, "ban")} and ${count(caps, "cap")} ${mode === "enforce" ? "in force" : "would be in force"}.`;
}

function listenerTable(listeners: readonly ListenerStatus[], now: number, paint: Paint): string[] {
  const columns = [
    left("LISTENER"),
    left("PRESSURE"),
    left("SLOTS USED"),
    right("USED/SLOTS"),
    right("CONNECTIONS"),
    right("DESCRIPTORS"),
    left("LAST SCAN"),
    left("SLOTS BY"),
  ];
  const rows = listeners.map((listener) => [
    printable(listener.name),
    paint(PRESSURE_COLOURS[listener.pressure], listener.pressure),
    slotsCell(listener, paint),
    `${listener.used}/${listener.slots ?? "?"}`,
    String(listener.connections),
    descriptorCell(listener, paint),
    scanCell(listener, now),
    listener.slotsWhere === null ? paint("dim", "nothing says") : printable(listener.slotsWhere),
  ]);
  return formatTable(columns, rows);
}

/** `[######....]  63%` */
function slotsCell(listener: ListenerStatus, paint: Paint): string {
  const { used, slots, pressure } = listener;
  if (slots === null) return paint("dim", "?");
  const share = slotShare(listener);
  // One connection is not none.
  const least = used > 0 ? 1 : 0;
  const filled = Math.min(BAR_CELLS, Math.max(least, Math.round(share * BAR_CELLS)));
  const bar = paint(PRESSURE_COLOURS[pressure], "#".repeat(filled)) + ".".repeat(BAR_CELLS - filled);
  return `[${bar}] ${String(Math.floor(100 * share)).padStart(3)}%`;
}

function scanCell({ lastScanAt, scanMs }: ListenerStatus, now: number): string {
  if (lastScanAt === null) return "none yet";
  return scanMs === null ? ago(lastScanAt, now) : `${ago(lastScanAt, now)}, ${scanMs.toFixed(1)} ms`;
}

/** The worst first. */
function healthBlocks(health: readonly HealthItem[], now: number, paint: Paint): string[] {
  if (health.length === 0) return ["Nothing is wrong."];
  return health
    .toSorted((a, b) => compareSeverity(a.severity, b.severity))
    .map(({ severity, code, text, since }) =>
      [
        `${paint(SEVERITY_COLOURS[severity], severity.toUpperCase())} ${printable(code)}, since ${utcText(since)} (${ago(since, now)})`,
        ...wrapText(printable(text), "  ", WIDTH),
      ].join("\n"),
    );
}
