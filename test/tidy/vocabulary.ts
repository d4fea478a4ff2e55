// The words that shall not come back in names, each with the word of the house and the names that may keep it.

import type { ForbiddenWord } from "./words.ts";

export const FORBIDDEN_WORDS: readonly ForbiddenWord[] = [
  {
    word: /\blook(s|ed|ing)?\b(?! up)/,
    instead: "scan; show for a verb that asks the daemon",
    allowed: {
      LOOK_AT_DESCRIPTORS: "advice to people",
    },
  },
  {
    word: /\bguard(s|ed|ing|ian)?\b/,
    instead: "protector in the lab, restorer of a terminal, service of the API, selected listener",
    where: /^(src\/(?!guard\/|daemon\/)|lab\/|bench\/)/,
    allowed: {
      guard: "the bench of the guard",
      "guard-calm": "the bench of the guard",
      "guard-judge": "the bench of the guard",
      "guard-probe": "the bench of the guard",
      "guard-times": "the bench of the guard",
      benchGuard: "the bench of the guard",
      warmGuardThread: "the thread of the guard",
    },
  },
  {
    word: /\bspeech\b/,
    instead: "proof",
    allowed: {},
  },
  {
    word: /\bsignals?\b/,
    instead: "trigger; a signal is evidence from outside",
    where: /^(src\/(census|track|judge|guard|enforce)\/|bench\/track)/,
    allowed: {},
  },
  { word: /\b(watcher|lookout)s?\b/, instead: "tracker, schedule", allowed: {} },
  { word: /\b(blacklist|blocklist|jail)(s|ed)?\b/, instead: "ban", allowed: {} },
  { word: /\bwhitelist(s|ed)?\b/, instead: "allowlist, exempt", allowed: {} },
  { word: /\bthrottl(e|es|ed|ing)\b/, instead: "cap for SYNs, pace for new connections", allowed: {} },
  { word: /\b(reputation|score|karma)s?\b/, instead: "standing", allowed: {} },
  { word: /\bepisodes?\b/, instead: "incident", allowed: {} },
  { word: /\bkick(s|ed)?\b/, instead: "evict", allowed: {} },
];
