// The words that shall not come back in names, each with the word of the house and the names that may keep it.

import type { ForbiddenWord } from "./words.ts";

export const FORBIDDEN_WORDS: readonly ForbiddenWord[] = [
  {
    word: /^look(s|ed|ing)?$/,
    instead: "scan; show for a verb that asks the daemon",
    allowed: {
      lookUp: "a name is looked up",
      LOOK_UP: "a name is looked up",
      LOOK_AT_DESCRIPTORS: "advice to people",
    },
  },
  {
    word: /^guard(s|ed|ing|ian)?$/,
    instead: "protector in the lab",
    where: /^(lab|bench)\//,
    allowed: {
      guard: "the bench of the guard",
      "guard-calm": "the bench of the guard",
      "guard-judge": "the bench of the guard",
      "guard-probe": "the bench of the guard",
      "guard-times": "the bench of the guard",
      benchGuard: "the bench of the guard",
    },
  },
  { word: /^(watcher|lookout)s?$/, instead: "tracker, schedule", allowed: {} },
  { word: /^(blacklist|blocklist|jail)(s|ed)?$/, instead: "ban", allowed: {} },
  { word: /^whitelist(s|ed)?$/, instead: "allowlist, exempt", allowed: {} },
  { word: /^throttl(e|es|ed|ing)$/, instead: "cap for SYNs, pace for new connections", allowed: {} },
  { word: /^(reputation|score|karma)s?$/, instead: "standing", allowed: {} },
  { word: /^episodes?$/, instead: "incident", allowed: {} },
  { word: /^kick(s|ed)?$/, instead: "evict", allowed: {} },
];
