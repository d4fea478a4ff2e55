// The text of what changes something: one line for each source where they are few, else how many. Pure.

import type { DoneDocument } from "../../client/index.ts";
import { printable } from "../text/foreign.ts";
import { count } from "./words.ts";

export type Change = "ban" | "unban" | "allow" | "disallow" | "evict";

/** Sources that get a line each; more are counted. */
const LINES_MAX = 20;

/** Whether the daemon carries out what is ordered, or only says what it would do. */
export type Mode = "observe" | "enforce";

interface Words {
  /** Of one source; `many` of several. */
  readonly changed: string;
  readonly unchanged: string;
  readonly many: readonly [changed: string, unchanged: string];
  readonly none: string;
}

const WORDS: Readonly<Record<Change, Words>> = {
  ban: {
    changed: "banned",
    unchanged: "was banned already",
    many: ["banned", "were banned already"],
    none: "Nothing to ban.",
  },
  unban: {
    changed: "let in again",
    unchanged: "was not banned",
    many: ["let in again", "were not banned"],
    none: "No bans.",
  },
  allow: {
    changed: "put on the allowlist",
    unchanged: "was on the allowlist already",
    many: ["put on the allowlist", "were on it already"],
    none: "Nothing to allow.",
  },
  disallow: {
    changed: "taken off the allowlist",
    unchanged: "was not on the allowlist",
    many: ["taken off the allowlist", "were not on it"],
    none: "Nothing to take off.",
  },
  evict: {
    changed: "evicted",
    unchanged: "holds nothing to evict",
    many: ["evicted", "hold nothing to evict"],
    none: "Nothing to evict.",
  },
};

/** In mode observe nothing is banned and nothing evicted. */
const OBSERVED: Readonly<Partial<Record<Change, Words>>> = {
  ban: {
    changed: "would be banned",
    unchanged: "would be banned already",
    many: ["would be banned", "would be already"],
    none: WORDS.ban.none,
  },
  evict: {
    ...WORDS.evict,
    changed: "would be evicted",
  },
};

const OBSERVES = "Nothing was changed: the daemon observes; `mode: enforce` lets it act.";

type Done = DoneDocument["done"][number];

/** What was done, without a line break at the end; empty where nothing but failures came of it. */
export function doneText(change: Change, { done, failed }: DoneDocument, mode: Mode = "enforce"): string {
  if (done.length === 0) return failed.length === 0 ? WORDS[change].none : "";
  const words = (mode === "observe" ? OBSERVED[change] : undefined) ?? WORDS[change];
  const evicted = mode === "observe" ? "would be evicted" : "evicted";
  const text =
    done.length <= LINES_MAX
      ? done.map((one) => lineOf(words, evicted, one)).join("\n")
      : totalsOf(words, evicted, done);
  return words === WORDS[change] ? text : `${text}\n${OBSERVES}`;
}

/** Unlike the others, `--all` says how many there were. */
export function unbanAllText({ done, failed }: DoneDocument): string {
  const lifted = done.filter(({ changed }) => changed).length;
  if (lifted === 0) return failed.length === 0 ? WORDS.unban.none : "";
  return `${count(lifted, "ban")} lifted.`;
}

/** Why some could not be done; one line each, for stderr. */
export function failureLines({ failed }: DoneDocument): string[] {
  const lines = failed
    .slice(0, LINES_MAX)
    .map(({ source, error }) => `${printable(source)}: ${printable(error)}`);
  const more = failed.length - lines.length;
  return more > 0 ? [...lines, `... and ${more} more failed`] : lines;
}

function lineOf(words: Words, evictedWords: string, { source, changed, evicted }: Done): string {
  const freed = `${count(evicted ?? 0, "connection")} ${evictedWords}`;
  // In observe an eviction has a number and has changed nothing.
  if (words.changed === evictedWords && (changed || evicted)) return `${printable(source)}: ${freed}`;
  return `${printable(source)} ${words[changed ? "changed" : "unchanged"]}${evicted ? `, ${freed}` : ""}`;
}

function totalsOf(words: Words, evictedWords: string, done: readonly Done[]): string {
  const changed = done.filter((one) => one.changed).length;
  const evicted = done.reduce((sum, one) => sum + (one.evicted ?? 0), 0);
  const [acted, left] = words.many;
  const parts = [`${count(changed, "source")} ${acted}`];
  if (changed < done.length) parts.push(`${done.length - changed} ${left}`);
  if (evicted > 0) parts.push(`${count(evicted, "connection")} ${evictedWords}`);
  return `${parts.join(", ")}.`;
}
