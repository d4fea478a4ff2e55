// Judges the values of this machine and of a plan, by the judgement that the doctor shows as well.

import { judgeValue, lookupIn, type TuneProfile, type ValueJudgement } from "../settings/index.ts";
import type { TuneFacts } from "./facts.ts";

/** Null where nothing is known of the setting. `place` is "file" for a line, and for a value that is to be written as one. */
export function judgeHere(
  { what, value, place }: { readonly what: string; readonly value: string; readonly place: "live" | "file" },
  facts: TuneFacts,
  profile: TuneProfile,
): ValueJudgement | null {
  const { live, memoryBytes, pageBytes } = facts;
  return judgeValue(what, value, {
    profile,
    lookup: lookupIn(live),
    place,
    memoryBytes,
    pageBytes,
  });
}
