// A problem of a configuration: its place, its words, and what is accepted instead.

/** Lines and columns count from 1; columns count UTF-16 units, as editors do. */
export interface FilePlace {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface ConfigProblem extends FilePlace {
  /** As people write it, `listeners[0].limits.holdFor`; empty for a whole file. */
  readonly key: string;
  readonly message: string;
  /** Empty where nothing is accepted. */
  readonly accepted: string;
}

/** At most this many are named; the rest is counted. */
export const PROBLEMS_MAX = 100;

/** One part of the way to a value: a key or an index of a list. */
export type KeyPath = readonly (string | number)[];

/** Gathers problems from all files, in the order of the files and lines. */
export class ProblemList {
  #problems: ConfigProblem[] = [];
  #dropped = 0;
  #files: string[] = [];

  get count(): number {
    return this.#problems.length + this.#dropped;
  }

  add(place: FilePlace, path: KeyPath, message: string, accepted: string): void {
    const { file, line, column } = place;
    if (!this.#files.includes(file)) this.#files.push(file);
    // It keeps ten times as many as it shows, so that those shown are the first of each file.
    if (this.#problems.length >= 10 * PROBLEMS_MAX) this.#dropped += 1;
    else this.#problems.push({ file, line, column, key: formatKey(path), message, accepted });
  }

  /** At most `PROBLEMS_MAX`; the last one then says how many more there are. */
  sorted(): ConfigProblem[] {
    const order = (file: string): number => this.#files.indexOf(file);
    const sorted = this.#problems.sort(
      (a, b) => order(a.file) - order(b.file) || a.line - b.line || a.column - b.column,
    );
    if (this.count <= PROBLEMS_MAX) return sorted;
    const shown = sorted.slice(0, PROBLEMS_MAX - 1);
    const more = this.count - shown.length;
    return [...shown, { ...sorted[PROBLEMS_MAX - 1]!, key: "", message: `and ${more} more`, accepted: "" }];
  }
}

/** `listeners[0].limits.holdFor`. Keys of strange characters are quoted. */
export function formatKey(path: KeyPath): string {
  return path
    .map((part, i) => {
      if (typeof part === "number") return `[${part}]`;
      const name = /^[\w-]{1,40}$/.test(part) ? part : quoteText(part);
      return i === 0 ? name : `.${name}`;
    })
    .join("");
}

/** Text of a file, on one line and short, so that it cannot be mistaken for ours. */
export function quoteText(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}
