// The text of a change: one line for each source where they are few, else their number. Pure.

import type { DoneDocument, StatusDocument } from "../../client/index.ts";
import { count } from "../../model/index.ts";
import { printable } from "../text/foreign.ts";

/** Sources that get a line each; more are counted. */
const LINES_MAX = 20;

/** Whether the daemon carries out orders, or only says what it would do. */
export type Mode = StatusDocument["mode"];

interface ChangeWords {
  /** For one source; `many` for several. */
  readonly changed: string;
  readonly unchanged: string;
  readonly many: readonly [changed: string, unchanged: string];
}

/** The words of one verb. */
export interface DoneWords extends ChangeWords {
  /** For a request with nothing to do. */
  readonly none: string;
  /** The words in observe, where nothing is banned and nothing evicted; absent for a change that any mode makes. */
  readonly observed?: ChangeWords;
}

const OBSERVES = "Nothing was changed: the daemon observes; `mode: enforce` lets it act.";

type DoneSource = DoneDocument["done"][number];

/** The changes, without a line break at the end; empty where nothing but failures came of it. */
export function doneText(verb: DoneWords, { done, failed }: DoneDocument, mode: Mode = "enforce"): string {
  if (done.length === 0) return failed.length === 0 ? verb.none : "";
  const observed = mode === "observe" ? verb.observed : undefined;
  const words = observed ?? verb;
  const evicted = mode === "observe" ? "would be evicted" : "evicted";
  const text =
    done.length <= LINES_MAX
      ? done.map((one) => lineOf(words, evicted, one)).join("\n")
      : totalsOf(words, evicted, done);
  return observed === undefined ? text : `${text}\n${OBSERVES}`;
}

/** Why some could not be done; one line each, for stderr. */
export function failureLines({ failed }: DoneDocument): string[] {
  const lines = failed
    .slice(0, LINES_MAX)
    .map(({ source, error }) => `${printable(source)}: ${printable(error)}`);
  const more = failed.length - lines.length;
  return more > 0 ? [...lines, `... and ${more} more failed`] : lines;
}

function lineOf(words: ChangeWords, evictedWords: string, { source, changed, evicted }: DoneSource): string {
  const freed = `${count(evicted ?? 0, "connection")} ${evictedWords}`;
  // In observe an eviction has a number and has changed nothing.
  if (words.changed === evictedWords && (changed || evicted)) return `${printable(source)}: ${freed}`;
  return `${printable(source)} ${words[changed ? "changed" : "unchanged"]}${evicted ? `, ${freed}` : ""}`;
}

function totalsOf(words: ChangeWords, evictedWords: string, done: readonly DoneSource[]): string {
  const changed = done.filter((one) => one.changed).length;
  const evicted = done.reduce((sum, one) => sum + (one.evicted ?? 0), 0);
  const [acted, left] = words.many;
  const parts = [`${count(changed, "source")} ${acted}`];
  if (changed < done.length) parts.push(`${done.length - changed} ${left}`);
  if (evicted > 0) parts.push(`${count(evicted, "connection")} ${evictedWords}`);
  return `${parts.join(", ")}.`;
}
