// The words of `unban`. Pure.

import type { DoneDocument } from "../../client/index.ts";
import { count } from "../../model/index.ts";
import type { DoneWords } from "../daemon-verbs/done-text.ts";

export const UNBAN_WORDS: DoneWords = {
  changed: "let in again",
  unchanged: "was not banned",
  many: ["let in again", "were not banned"],
  none: "No bans.",
};

/** The text of `--all` says how many bans there were; that of named sources does not. */
export function unbanAllText({ done, failed }: DoneDocument): string {
  const lifted = done.filter(({ changed }) => changed).length;
  if (lifted === 0) return failed.length === 0 ? UNBAN_WORDS.none : "";
  return `${count(lifted, "ban")} lifted.`;
}
