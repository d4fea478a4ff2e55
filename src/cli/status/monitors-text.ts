// The table of monitors in the text of `status`: each with its state, also the healthy ones. Pure.

import type { MonitorStatus } from "../../client/index.ts";
import { ago, utcText } from "../daemon-verbs/times.ts";
import type { Paint } from "../output.ts";
import { printable } from "../text/foreign.ts";
import { formatTable, left, right } from "../text/table.ts";

const STATE_COLOURS = { up: "green", degraded: "yellow", down: "red" } as const;

/** Without a line break at the end. */
export function monitorTable(monitors: readonly MonitorStatus[], now: number, paint: Paint): string {
  const columns = [
    left("MONITOR"),
    left("STATE"),
    left("SINCE"),
    right("ANSWERED"),
    right("TOOK"),
    left("LAST PROBE"),
  ];
  return formatTable(
    columns,
    monitors.map((monitor) => cells(monitor, now, paint)),
  ).join("\n");
}

function cells(monitor: MonitorStatus, now: number, paint: Paint): string[] {
  const { name, state, since, availability, totalMs, lastProbeAt, outcome } = monitor;
  return [
    printable(name),
    state === null ? paint("dim", "not known yet") : paint(STATE_COLOURS[state], state),
    since === null ? "" : utcText(since),
    availability === null ? "" : `${Math.floor(100 * availability)}%`,
    totalMs === null ? "" : `${totalMs.toFixed(1)} ms`,
    lastProbeAt === null ? "none yet" : `${ago(lastProbeAt, now)}, ${printable(outcome ?? "")}`,
  ];
}
