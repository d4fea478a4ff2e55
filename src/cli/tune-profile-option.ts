// The option of verbs that judge or set system settings: what the server's clients are like.

import { Option } from "commander";
import type { TuneProfile } from "../settings/index.ts";

/** The room's own list would load the room for every verb. The type lets none be forgotten. */
const TUNE_PROFILE_CHOICES: Readonly<Record<TuneProfile, true>> = { mobile: true, trunk: true, churn: true };

export function tuneProfileOption(description: string): Option {
  return new Option("--profile <name>", description)
    .choices(Object.keys(TUNE_PROFILE_CHOICES))
    .default("mobile");
}
