// The words of `disallow`.

import type { DoneWords } from "../daemon-verbs/done-text.ts";

export const DISALLOW_WORDS: DoneWords = {
  changed: "taken off the allowlist",
  unchanged: "was not on the allowlist",
  many: ["taken off the allowlist", "were not on it"],
  none: "Nothing to take off.",
};
