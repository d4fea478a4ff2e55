// Tables for people: a header, columns as wide as their widest cell. Widths count visible characters, not colours.

import { stripVTControlCharacters } from "node:util";

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

export const left = (title: string): Column => ({ title, align: "left" });
export const right = (title: string): Column => ({ title, align: "right" });

/** Lines without trailing blanks. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const titles = columns.map(({ title }) => title);
  const widths = titles.map((title, i) =>
    rows.reduce((widest, row) => Math.max(widest, seenWidth(row[i] ?? "")), title.length),
  );
  return [titles, ...rows].map((row) =>
    columns
      .map(({ align }, i) => pad(row[i] ?? "", widths[i]!, align))
      .join("  ")
      .trimEnd(),
  );
}

/** Characters that take a place on the screen; foreign text has been made of single width before (text/foreign.ts). */
export function seenWidth(text: string): number {
  return stripVTControlCharacters(text).length;
}

export function pad(text: string, width: number, align: "left" | "right"): string {
  const blanks = " ".repeat(Math.max(0, width - seenWidth(text)));
  return align === "left" ? text + blanks : blanks + text;
}
