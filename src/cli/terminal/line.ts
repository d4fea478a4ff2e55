// Lines made of spans: plain text, each in one style. Widths are settled before anything is painted. Pure.

import type { Paint, Style } from "../output.ts";

/** Text of single-width characters (see `singleWidth`). */
export interface Span {
  readonly text: string;
  readonly style?: Style;
}

export type ScreenLine = readonly Span[];

export function styled(text: string, style?: Style): Span {
  return style === undefined ? { text } : { text, style };
}

export function lineWidth(line: ScreenLine): number {
  return line.reduce((sum, { text }) => sum + text.length, 0);
}

/** The line painted, cut off at `width`. */
export function renderLine(line: ScreenLine, width: number, paint: Paint): string {
  let left = width;
  let rendered = "";
  for (const { text, style } of line) {
    const seen = text.slice(0, Math.max(0, left));
    left -= seen.length;
    rendered += style === undefined || seen === "" ? seen : paint(style, seen);
  }
  return rendered;
}

/** The text, with a mark at its end where it had to be cut. */
export function shorten(text: string, width: number, mark: string): string {
  return text.length <= width
    ? text
    : (text.slice(0, Math.max(0, width - mark.length)) + mark).slice(0, width);
}

/** An item of a line that may be left out. */
export interface LineItem {
  readonly span: Span;
  /** Items of less worth go first where the line is too short. */
  readonly worth: number;
}

/** The items that fit, in order, with two blanks between. */
export function fitItems(items: readonly LineItem[], width: number): ScreenLine {
  const kept = [...items];
  const gap = 2;
  const wide = (): number => lineWidth(kept.map((item) => item.span)) + gap * (kept.length - 1);
  while (kept.length > 1 && wide() > width) {
    const least = kept.reduce((best, item) => (item.worth < best.worth ? item : best));
    kept.splice(kept.indexOf(least), 1);
  }
  return kept.flatMap((item, i) => (i === 0 ? [item.span] : [styled(" ".repeat(gap)), item.span]));
}

/** Whether the terminal's locale writes UTF-8, by POSIX's order of precedence. */
export function isUtf8Locale(env: Readonly<Record<string, string | undefined>>): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = env;
  return /utf-?8/i.test(LC_ALL || LC_CTYPE || LANG || "");
}

/** The mark of a text that goes on. */
export function cutMark(unicode: boolean): string {
  return unicode ? "…" : "~";
}
