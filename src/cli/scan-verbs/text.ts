// The text of one scan, as `who` and `top` show it: the counts of a netstat line, and those that it lacks. Pure.

import { type Conduct, conductLabel, count, SUSPICIOUS } from "../../model/index.ts";
import type { Paint } from "../output.ts";
import { descriptorCell, shareCell } from "../text/descriptors.ts";
import { printable } from "../text/foreign.ts";
import { formatTable, left, right } from "../text/table.ts";
import { occurring } from "./conduct.ts";
import type { ScanDocument, ScannedListener } from "./document.ts";
import { fullestQueue, tightest } from "./nearest-limit.ts";

/** The whole text of a document with all its sources, of which the `top` largest are shown; no line break at the end. */
export function scanText(document: ScanDocument, top: number, paint: Paint): string {
  const sources = document.sources.slice(0, top);
  const blocks = [sumsText(document)];
  if (document.listeners.length > 0) blocks.push(listenerTable(document.listeners, paint).join("\n"));
  if (sources.length > 0) blocks.push(sourceTable(sources, paint).join("\n"));
  const all = document.sources.length;
  if (all > top) blocks.push(`... and ${count(all - top, "more source")}: --top ${all} shows all`);
  return blocks.join("\n\n");
}

function sumsText({ listeners, sources, outbound, takenAt, scanMs }: ScanDocument): string {
  const connections = listeners.reduce((sum, listener) => sum + listener.connections, 0);
  const holding = sources.filter((source) => source.connections > 0).length;
  const held = `${count(connections, "connection")} to ${count(listeners.length, "listener")} from ${count(holding, "source")}`;
  return `${held}; ${outbound} outbound. ${takenAt}, ${scanMs.toFixed(1)} ms`;
}

function listenerTable(listeners: readonly ScannedListener[], paint: Paint): string[] {
  const conducts = occurring(listeners.map(({ conduct }) => conduct));
  const columns = [
    left("LISTENER"),
    right("CONNECTIONS"),
    ...conducts.map((conduct) => right(conductLabel(conduct).toUpperCase())),
    right("QUEUE"),
    right("SLOTS"),
    right("DESCRIPTORS"),
    left("PROCESS"),
  ];
  const rows = listeners.map((listener) => [
    printable(listener.name),
    String(listener.connections),
    ...conducts.map((conduct) => conductCell(conduct, listener.conduct[conduct], paint)),
    queueCell(listener, paint),
    slotsCell(listener, paint),
    descriptorCell(tightest(listener.processes), paint),
    processCell(listener.processes),
  ]);
  return formatTable(columns, rows);
}

function sourceTable(sources: ScanDocument["sources"], paint: Paint): string[] {
  const conducts = occurring(sources.map(({ conduct }) => conduct));
  const columns = [
    left("SOURCE"),
    right("CONNECTIONS"),
    ...conducts.map((conduct) => right(conductLabel(conduct).toUpperCase())),
    left("LISTENERS"),
  ];
  const rows = sources.map(({ source, connections, conduct, listeners }) => [
    source,
    String(connections),
    ...conducts.map((name) => conductCell(name, conduct[name], paint)),
    listenerCell(listeners),
  ]);
  return formatTable(columns, rows);
}

export function conductCell(conduct: Conduct, value: number, paint: Paint): string {
  if (value === 0) return paint("dim", "-");
  return SUSPICIOUS.has(conduct) ? paint("yellow", String(value)) : String(value);
}

function queueCell({ endpoints }: ScannedListener, paint: Paint): string {
  const { used, limit } = fullestQueue(endpoints);
  return used > 0 ? paint("red", `${used}/${limit}`) : `0/${limit}`;
}

/** What the owner holds of what it can hold; "?" where nothing says. */
function slotsCell({ used, slots }: ScannedListener, paint: Paint): string {
  return slots === null ? paint("dim", "?") : shareCell(used, slots, paint);
}

function processCell(processes: ScannedListener["processes"]): string {
  const process = tightest(processes);
  if (process === undefined) return "?";
  const others = processes.length > 1 ? ` and ${processes.length - 1} more` : "";
  return `${printable(process.name ?? "?")} (pid ${process.pid})${others}`;
}

/** The listener's name alone where there is one, else each with its count. */
export function listenerCell(listeners: Readonly<Record<string, number>>): string {
  const entries = Object.entries(listeners).sort(([, a], [, b]) => b - a);
  if (entries.length === 1) return printable(entries[0]![0]);
  return entries.map(([name, n]) => `${printable(name)} ${n}`).join(", ");
}
