// The text of `bans`: the newest first, until when and why. Pure.

import type { BanDocument, BansDocument } from "../../client/index.ts";
import { count } from "../../model/index.ts";
import type { Mode } from "../daemon-verbs/done-text.ts";
import { ago, ahead, utcText } from "../daemon-verbs/times.ts";
import type { Paint } from "../output.ts";
import { printable } from "../text/foreign.ts";
import { formatTable, left, right } from "../text/table.ts";

/** Bans that the text shows unless told otherwise. */
export const TOP_BANS = 50;

/** Without a line break at the end. */
export function bansText(
  { bans }: BansDocument,
  top: number,
  now: number,
  paint: Paint,
  mode: Mode = "enforce",
): string {
  if (bans.length === 0) return "No bans.";
  const caps = bans.filter(({ kind }) => kind === "cap").length;
  const all = `${count(bans.length - caps, "ban")} and ${count(caps, "cap")}`;
  const title =
    mode === "observe"
      ? `Mode observe, so nothing is refused: ${all} would be in force, the newest first.`
      : `${all} in force, the newest first.`;
  const blocks = [
    title,
    formatTable(
      COLUMNS,
      newestFirst(bans, top).map((ban) => row(ban, now, paint)),
    ).join("\n"),
  ];
  if (bans.length > top) blocks.push(`... and ${bans.length - top} more: --top ${bans.length} shows all`);
  return blocks.join("\n\n");
}

const COLUMNS = [
  left("SOURCE"),
  left("LISTENER"),
  left("KIND"),
  left("SINCE"),
  left("UNTIL"),
  right("EVICTED"),
  right("PACKETS"),
  left("WHY"),
];

/** The `top` newest. Bans of one moment go by source, so that the order is always the same. */
export function newestFirst(bans: readonly BanDocument[], top: number): readonly BanDocument[] {
  return bans
    .toSorted((a, b) => Date.parse(b.since) - Date.parse(a.since) || (a.source < b.source ? -1 : 1))
    .slice(0, top);
}

function row(ban: BanDocument, now: number, paint: Paint): string[] {
  const { source, listener, kind, since, until, evicted, packets, rule, reason } = ban;
  return [
    printable(source),
    listener === null ? "all" : printable(listener),
    paint(kind === "ban" ? "red" : "yellow", kind),
    ago(since, now),
    `${ahead(until, now)} (${utcText(until)})`,
    String(evicted),
    packets === null ? "?" : String(packets),
    printable(reason === "" ? rule : `${rule}: ${reason}`),
  ];
}
