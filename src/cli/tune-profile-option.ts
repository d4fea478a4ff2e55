// The option of verbs that judge or set system settings: the kind of clients that the server has.

import { Option } from "commander";
import type { TuneProfile } from "../settings/index.ts";

/** A copy of the room's list, which would load the room for every verb. The type lets none be forgotten. */
const TUNE_PROFILE_CHOICES: Readonly<Record<TuneProfile, true>> = { mobile: true, trunk: true, churn: true };

export function tuneProfileOption(description: string): Option {
  return new Option("--profile <name>", description)
    .choices(Object.keys(TUNE_PROFILE_CHOICES))
    .default("mobile");
}
