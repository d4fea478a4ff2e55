// Why descriptors run out, whether this machine is set up to hold its connections, and how to set it up.
//
// In:  looks at the socket table, counters and limits of the kernel, configuration files below a given root.
// Out: ranked causes with their evidence, checks with their verdicts, plans as diffs.
// Promises: judging is pure and apart from reading; nothing is changed but by `tune apply`, which records what was before.

export {
  SETTINGS,
  type Setting,
  type SettingValue,
  TUNE_PROFILES,
  type TuneProfile,
} from "./settings/settings.ts";
export { dangersOf, planTune } from "./tune/plan.ts";
