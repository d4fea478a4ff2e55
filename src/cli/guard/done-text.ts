// The text of what changes something: one line for each source where they are few, else how many. Pure.

import type { DoneDocument } from "../../client/index.ts";
import { printable } from "../text/foreign.ts";
import { count } from "./words.ts";

export type Change = "ban" | "unban" | "allow" | "disallow" | "evict";

/** Sources that get a line each; more are counted. */
const LINES_MAX = 20;

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

type Done = DoneDocument["done"][number];

/** What was done, without a line break at the end; empty where nothing but failures came of it. */
export function doneText(change: Change, { done, failed }: DoneDocument): string {
  if (done.length === 0) return failed.length === 0 ? WORDS[change].none : "";
  if (done.length <= LINES_MAX) return done.map((one) => lineOf(change, one)).join("\n");
  return totalsOf(change, done);
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

function lineOf(change: Change, { source, changed, evicted }: Done): string {
  const words = WORDS[change][changed ? "changed" : "unchanged"];
  if (change === "evict" && changed)
    return `${printable(source)}: ${count(evicted ?? 0, "connection")} evicted`;
  const also = evicted === undefined || evicted === 0 ? "" : `, ${count(evicted, "connection")} evicted`;
  return `${printable(source)} ${words}${also}`;
}

function totalsOf(change: Change, done: readonly Done[]): string {
  const changed = done.filter((one) => one.changed).length;
  const evicted = done.reduce((sum, one) => sum + (one.evicted ?? 0), 0);
  const [acted, left] = WORDS[change].many;
  const parts = [`${count(changed, "source")} ${acted}`];
  if (changed < done.length) parts.push(`${done.length - changed} ${left}`);
  if (evicted > 0) parts.push(`${count(evicted, "connection")} evicted`);
  return `${parts.join(", ")}.`;
}
