// The words of `allow`.

import type { DoneWords } from "../daemon-verbs/done-text.ts";

export const ALLOW_WORDS: DoneWords = {
  changed: "put on the allowlist",
  unchanged: "was on the allowlist already",
  many: ["put on the allowlist", "were on it already"],
  none: "Nothing to allow.",
};
