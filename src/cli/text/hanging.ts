// Long sentences for people: broken between words, continued under their first word.

import { seenWidth } from "./table.ts";

/** `label` and `text` beside it; further lines stand under the text. Words longer than a line stay whole. */
export function hangingText(label: string, text: string, width: number): string[] {
  const indent = " ".repeat(seenWidth(label));
  const lines: string[] = [];
  let line = label;
  let empty = true;
  for (const word of text.split(" ")) {
    if (!empty && seenWidth(line) + 1 + word.length > width) {
      lines.push(line);
      line = indent;
      empty = true;
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
