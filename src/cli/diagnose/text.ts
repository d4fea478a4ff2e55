// The text of `diagnose`: the verdict in a sentence, then every cause with its numbers and what to do, then headroom.

import { COMMAND_MARK, type Diagnosis, type RankedCause } from "../../diagnose/index.ts";
import { formatDuration } from "../../model/index.ts";
import type { Paint } from "../output.ts";
import { printable } from "../text/foreign.ts";
import { hangingText, wrapText } from "../text/wrap.ts";

const INDENT = "  ";
const BULLET = "- ";

/** The whole text, without a line break at the end, in lines of `width` characters at most where words allow it. */
export function diagnoseText(diagnosis: Diagnosis, width: number, paint: Paint): string {
  const { findings, summary } = diagnosis;
  const first = findings[0]!;
  const headline = wrapText(printable(summary), "", width).map((line) =>
    paint(first.severity === "notice" ? "bold" : ["bold", colourOf(first)], line),
  );
  const blocks = [
    headline.join("\n"),
    ...findings.map((finding, i) => causeText(finding, { rank: i + 1, width, paint })),
    wrapText(headroomText(diagnosis), { first: "", rest: INDENT }, width).join("\n"),
  ];
  return blocks.join("\n\n");
}

interface Shape {
  readonly rank: number;
  readonly width: number;
  readonly paint: Paint;
}

function causeText(finding: RankedCause, { rank, width, paint }: Shape): string {
  const { cause, confidence, listener, severity, evidence, advice } = finding;
  const where = listener === null ? "this machine" : printable(listener);
  const title = `${rank}. ${paint(["bold", colourOf(finding)], cause)}  ${Math.round(100 * confidence)} %  ${where}${severity === "notice" ? "" : `  ${severity}`}`;
  const item = (text: string): string[] => hangingText(`${INDENT} ${BULLET}`, printable(text), width);
  const lines = evidence.flatMap(item);
  const step = (text: string): string[] =>
    text.startsWith(COMMAND_MARK)
      ? [`${INDENT}${INDENT} ${printable(text.slice(COMMAND_MARK.length))}`]
      : item(text);
  // A notice has its numbers only: nobody needs advice on next to nothing.
  const toDo = severity === "notice" ? [] : ["   What to do:", ...advice.flatMap(step)];
  return [title, ...lines, ...toDo].join("\n");
}

function headroomText({ headroom, listener }: Diagnosis): string {
  const { used, slots, slotsWhere, perSecond, secondsToFull } = headroom;
  if (listener === null) return "Headroom: nothing listens.";
  const of =
    slots === null ? "an unknown number of slots" : `${slots} slots (${printable(slotsWhere ?? "")})`;
  const pace = `${perSecond < 0 ? "" : "+"}${perSecond.toFixed(1)}/s`;
  const end =
    secondsToFull === null
      ? "not filling up"
      : secondsToFull === 0
        ? "full"
        : `full in ${formatDuration(1000 * Math.max(1, Math.round(secondsToFull)))}`;
  return `Headroom of ${printable(listener)}: ${used} of ${of}, ${pace}, ${end}.`;
}

function colourOf({ severity }: RankedCause): "red" | "yellow" | "green" {
  return severity === "critical" ? "red" : severity === "warning" ? "yellow" : "green";
}
