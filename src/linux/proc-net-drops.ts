// Packets that the kernel dropped before TCP saw them, in the calling thread's namespace. The tables have hexadecimal
// numbers, and one line for each processor.

import type { Counters } from "./proc-net.ts";
import { readTextIfAllowed, type SystemRoot } from "./system-root.ts";

/** net/softnet_stat, second column: packets dropped because a processor's input queue was full. Null if unreadable. */
export function readSoftnetDrops(root: SystemRoot): number | null {
  const text = readTextIfAllowed(`${root.proc}/thread-self/net/softnet_stat`);
  return text === null ? null : rowsOf(text).reduce((sum, row) => sum + (row[1] ?? 0), 0);
}

/** net/stat/nf_conntrack: `Conntrack.drop`, `Conntrack.early_drop` and others, summed. Empty without conntrack. */
export function readConntrackStats(root: SystemRoot): Counters {
  const text = readTextIfAllowed(`${root.proc}/thread-self/net/stat/nf_conntrack`) ?? "";
  const [titles = "", ...lines] = text.split("\n");
  const counters = new Map<string, number>();
  const names = titles.trim().split(/\s+/).filter(Boolean);
  for (const row of rowsOf(lines.join("\n"))) {
    for (const [i, name] of names.entries()) {
      const key = `Conntrack.${name}`;
      counters.set(key, (counters.get(key) ?? 0) + (row[i] ?? 0));
    }
  }
  return counters;
}

function rowsOf(text: string): number[][] {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) =>
      line
        .trim()
        .split(/\s+/)
        .map((field) => Number.parseInt(field, 16) || 0),
    );
}
