// The words of `evict`.

import type { DoneWords } from "../daemon-verbs/done-text.ts";

export const EVICT_WORDS: DoneWords = {
  changed: "evicted",
  unchanged: "holds nothing to evict",
  many: ["evicted", "hold nothing to evict"],
  none: "Nothing to evict.",
  observed: {
    changed: "would be evicted",
    unchanged: "holds nothing to evict",
    many: ["evicted", "hold nothing to evict"],
  },
};
