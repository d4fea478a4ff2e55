// The bytes that turn a shown frame into the next one: the lines that differ, in one write. Pure.

import { seenWidth } from "../text/table.ts";
import { BEGIN_FRAME, END_FRAME } from "./modes.ts";

/** Exactly `height` lines, none wider than `width`, each of which ends with all its colours reset. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly lines: readonly string[];
}

/** Empty where nothing has changed. `shown` is null where the screen's content is unknown. */
export function drawFrame(shown: Frame | null, next: Frame): string {
  const known = shown !== null && shown.width === next.width && shown.height === next.height;
  const changes = next.lines
    .map((line, i) => (known && shown.lines[i] === line ? "" : drawLine(i, line, next.width)))
    .join("");
  return changes === "" ? "" : BEGIN_FRAME + changes + END_FRAME;
}

function drawLine(row: number, line: string, width: number): string {
  // Behind a full line the cursor stays on the last column, where erasing would take the character just written.
  const erase = seenWidth(line) < width ? "\x1b[K" : "";
  return `\x1b[${row + 1};1H${line}${erase}`;
}
