// Why descriptors run out, whether this machine is set up to hold its connections, and how to set it up.
//
// In:  looks at the socket table, counters and limits of the kernel, configuration files below a given root.
// Out: ranked causes with their evidence, checks with their verdicts, plans as diffs.
// Promises: judging is pure and apart from reading; nothing is changed but by `tune apply`, which records what was before.

export { type Diagnosis, diagnose } from "./diagnose/diagnose.ts";
export {
  CAUSES,
  type Cause,
  COMMAND,
  type Finding,
} from "./diagnose/finding.ts";
export { type Gathered, type GatherOptions, gather } from "./diagnose/gather.ts";
export type { History, HistoryPoint, Observation } from "./diagnose/observation.ts";
export { type Machine, THIS_MACHINE } from "./diagnose/owner.ts";
export type { Headroom } from "./diagnose/scene.ts";
export { type CanaryTarget, type Evicted, evictionCommand } from "./doctor/canary/command.ts";
export type { CheckResult } from "./doctor/check.ts";
export { CHECKS } from "./doctor/checks.ts";
export { DoctorError, type DoctorOptions, type Examination, examine } from "./doctor/doctor.ts";
export { judgeFile, type LineVerdict, lineResult } from "./doctor/judge-file.ts";
export {
  SETTINGS,
  type Setting,
  type SettingValue,
  TUNE_PROFILES,
  type TuneProfile,
} from "./settings/settings.ts";
export { isAtLeast, SEVERITIES, type Severity } from "./severity.ts";
export { type Applied, applyTune } from "./tune/apply.ts";
export type { TuneFacts, TuneRequest } from "./tune/facts.ts";
export { openTuneMachine, type TuneMachine, type TuneMachineOptions } from "./tune/machine.ts";
export { planTune, type TunePlan } from "./tune/plan.ts";
export { unitName } from "./tune/read-facts.ts";
export { type RolledBack, rollbackTune } from "./tune/rollback.ts";
export { TuneError } from "./tune/tune-error.ts";
