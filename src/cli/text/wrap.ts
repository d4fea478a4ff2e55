// Paragraphs for people: broken between words, with an indent. A word longer than the line stays whole, since it is a
// name or a command that somebody copies.

import { seenWidth } from "./table.ts";

/** The indent of the first line, and of each further one. */
export interface Indents {
  readonly first: string;
  readonly rest: string;
}

/** Lines of at most `width` characters where words allow it; none where there are no words. */
export function wrapText(text: string, indent: string | Indents, width: number): string[] {
  const { first, rest } = typeof indent === "string" ? { first: indent, rest: indent } : indent;
  const lines: string[] = [];
  let line: string | null = null;
  for (const word of text.split(/\s+/).filter(Boolean)) {
    const longer: string = line === null ? first + word : `${line} ${word}`;
    if (line === null || seenWidth(longer) <= width) {
      line = longer;
    } else {
      lines.push(line);
      line = rest + word;
    }
  }
  return line === null ? lines : [...lines, line];
}

/** `label` and `text` beside it; further lines stand under the text. The label alone where there are no words. */
export function hangingText(label: string, text: string, width: number): string[] {
  const lines = wrapText(text, { first: label, rest: " ".repeat(seenWidth(label)) }, width);
  return lines.length === 0 ? [label] : lines;
}
