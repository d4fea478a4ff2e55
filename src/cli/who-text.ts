// The text of `who`: what the netstat line counted, and what it could not say. Pure: a census in, lines out.

import type { Census, ListenerEndpoint, ListeningProcess } from "../census/index.ts";
import {
  CONDUCTS,
  type Conduct,
  type ConductCounts,
  conductLabel,
  pressureOf,
  type SlotUse,
  SUSPICIOUS,
} from "../model/index.ts";
import type { Paint } from "./output.ts";
import { printable } from "./text/foreign.ts";
import { type Column, formatTable } from "./text/table.ts";
import type { WhoDocument, WhoListener } from "./who-document.ts";

/** Sources that the text shows unless told otherwise. */
export const TOP_SOURCES = 10;

export const left = (title: string): Column => ({ title, align: "left" });
export const right = (title: string): Column => ({ title, align: "right" });

/** The whole text of a document with all its sources, of which the `top` largest are shown; no line break at the end. */
export function whoText(document: WhoDocument, top: number, paint: Paint): string {
  const sources = document.sources.slice(0, top);
  const blocks = [headline(document)];
  if (document.listeners.length > 0) blocks.push(listenerTable(document.listeners, paint).join("\n"));
  if (sources.length > 0) blocks.push(sourceTable(sources, paint).join("\n"));
  const all = document.sources.length;
  if (all > top) blocks.push(`... and ${count(all - top, "more source")}: --top ${all} shows all`);
  return blocks.join("\n\n");
}

function headline({ listeners, sources, outbound, takenAt, scanMs }: WhoDocument): string {
  const connections = listeners.reduce((sum, listener) => sum + listener.connections, 0);
  const holding = sources.filter((source) => source.connections > 0).length;
  const held = `${count(connections, "connection")} to ${count(listeners.length, "listener")} from ${count(holding, "source")}`;
  return `${held}; ${outbound} outbound. ${takenAt}, ${scanMs.toFixed(1)} ms`;
}

/** Only the conducts that occur get a column: most machines show three or four. */
export function occurring(all: readonly ConductCounts[]): readonly (typeof CONDUCTS)[number][] {
  return CONDUCTS.filter((conduct) => all.some((counts) => counts[conduct] > 0));
}

function listenerTable(listeners: readonly WhoListener[], paint: Paint): string[] {
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

function sourceTable(sources: WhoDocument["sources"], paint: Paint): string[] {
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

/** The accept queue that is nearest to its limit: each socket has its own, and one that is full turns peers away. */
export function fullestQueue(
  endpoints: readonly Pick<ListenerEndpoint, "backlog">[],
): ListenerEndpoint["backlog"] {
  const share = ({ used, limit }: ListenerEndpoint["backlog"]): number => used / Math.max(1, limit);
  const queues = endpoints.map(({ backlog }) => backlog);
  return queues.reduce(
    (fullest, queue) => (share(queue) > share(fullest) ? queue : fullest),
    queues[0] ?? { used: 0, limit: 0 },
  );
}

function queueCell({ endpoints }: WhoListener, paint: Paint): string {
  const { used, limit } = fullestQueue(endpoints);
  return used > 0 ? paint("red", `${used}/${limit}`) : `0/${limit}`;
}

/** What the owner holds of what it can hold, coloured as it gets tight; "?" where nothing says. */
function slotsCell({ used, slots }: Pick<SlotUse, "used" | "slots">, paint: Paint): string {
  return slots === null ? paint("dim", "?") : shareCell(used, slots, paint);
}

function shareCell(used: number, limit: number, paint: Paint): string {
  const share = used / Math.max(1, limit);
  const text = `${used}/${limit} ${Math.floor(100 * share)}%`;
  const pressure = pressureOf(share);
  return pressure === "critical" ? paint("red", text) : pressure === "tight" ? paint("yellow", text) : text;
}

/** The process that is nearest to its limit: descriptors run out for each process alone. */
export function tightest<P extends Pick<ListeningProcess, "fdUsed" | "fdLimit">>(
  processes: readonly P[],
): P | undefined {
  const use = ({ fdUsed, fdLimit }: P): number =>
    fdUsed === null ? -1 : fdUsed / (fdLimit ?? Number.POSITIVE_INFINITY);
  return processes.reduce<P | undefined>(
    (best, next) => (best === undefined || use(next) > use(best) ? next : best),
    undefined,
  );
}

/** Used of allowed, coloured as it gets tight; "?" where it may not be seen. */
export function descriptorCell(
  process: Pick<ListeningProcess, "fdUsed" | "fdLimit"> | undefined,
  paint: Paint,
): string {
  if (process === undefined || process.fdUsed === null) return paint("dim", "?");
  if (process.fdLimit === null) return `${process.fdUsed}/no limit`;
  return shareCell(process.fdUsed, process.fdLimit, paint);
}

function processCell(processes: WhoListener["processes"]): string {
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

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** What the census could not see, and what to do about it. */
export function whoNotes(census: Census, ports: readonly number[] | null): string[] {
  const notes: string[] = [];
  const ownerless = census.listeners.filter(({ processes }) => processes.length === 0).length;
  if (ownerless > 0 && census.hiddenProcesses > 0) {
    notes.push(
      `The processes of ${count(ownerless, "listener")} are hidden from this user; run as root to see them.`,
    );
  } else if (ownerless > 0) {
    const listeners = count(ownerless, "listener");
    notes.push(
      `No visible process owns ${listeners}: the kernel does, or a process that this user or this PID namespace cannot see.`,
    );
  }
  for (const port of new Set(ports ?? [])) {
    const found = census.listeners.some(({ endpoints }) =>
      endpoints.some((endpoint) => endpoint.port === port),
    );
    if (!found) notes.push(`Nothing listens on TCP port ${port}.`);
  }
  if (!census.consistent)
    notes.push("The socket table changed too fast to be read in one piece; scan again.");
  const lost = Object.entries(census.losses).filter(([, n]) => n > 0);
  if (lost.length > 0) notes.push(`Left out: ${lost.map(([cause, n]) => `${n} ${cause}`).join(", ")}.`);
  return notes;
}
