// A recipe of docs/architecture.md with a made-up piece that is laid in by it: edits as data, and the files they touch.

/** A new file, or a line of an existing one and its replacement. */
export type Edit =
  | { readonly file: string; readonly text: string }
  | { readonly file: string; readonly line: string; readonly becomes: string };

export interface Recipe {
  /** Its heading in docs/architecture.md, before the count. */
  readonly title: string;
  readonly edits: readonly Edit[];
}

/** The files that a recipe touches, in alphabetical order. Tests, their helpers and documents do not count. */
export function filesOf({ edits }: Recipe): string[] {
  const isBeside = (file: string): boolean => /^(test|docs)\/|\.test\.ts$|\/testing\//.test(file);
  return [...new Set(edits.map(({ file }) => file))].filter((file) => !isBeside(file)).sort();
}

/** The text of a file after an edit; null where there is no file. Throws unless the line is there exactly once. */
export function edited(before: string | null, edit: Edit): string {
  if ("text" in edit) {
    if (before !== null) throw new Error(`${edit.file} is there already`);
    return edit.text;
  }
  const lines = (before ?? "").split("\n");
  const at = lines.indexOf(edit.line);
  if (at === -1 || at !== lines.lastIndexOf(edit.line))
    throw new Error(`${edit.file} has not one line: ${edit.line}`);
  return lines.with(at, edit.becomes).join("\n");
}

/** Titles with counts as docs/architecture.md has them: `### A new metric: 1 file`. */
export function countsIn(document: string): Map<string, number> {
  const headings = document.matchAll(/^### (A new .*): (\d+) files?$/gm);
  return new Map([...headings].map(([, title, count]) => [title!, Number(count)]));
}
