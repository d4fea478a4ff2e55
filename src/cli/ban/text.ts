// The words of `ban`.

import type { DoneWords } from "../daemon-verbs/done-text.ts";

export const BAN_WORDS: DoneWords = {
  changed: "banned",
  unchanged: "was banned already",
  many: ["banned", "were banned already"],
  none: "Nothing to ban.",
  observed: {
    changed: "would be banned",
    unchanged: "would be banned already",
    many: ["would be banned", "would be already"],
  },
};
