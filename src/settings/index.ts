// What is known of system settings, and how this machine has them set.
//
// In:  the folders of a machine (a `MachineRoot`): sysctl files, systemd units and drop-ins, limits.conf, /proc/sys.
// Out: their lines and values as the kernel, systemd and PAM read them; the advised value of a setting; one judgement
//      of a value, which doctor and tune both show; the clocks that follow from values.
// Promises: reading changes nothing and needs no rights. Judging is pure. A value that is not understood is told as
//      such, never taken for the default. Each line says where to edit it.

export { advisedNumbers, SETTING_KEYS, settingOf } from "./advised.ts";
export {
  descriptorLimitLines,
  formatDescriptorLimits,
  type LimitLine,
  limitLinesAfterOurs,
  NR_OPEN_USUAL,
  ownDropInPath,
  parseDescriptorLimits,
  SYSTEMD_LIMITS,
} from "./descriptor-limits.ts";
export { KNOWN_SETTINGS, type KnownSetting, type TuneProfile } from "./known-settings.ts";
export { type LimitsConfLine, parseLimitsConf, readLimitsConf } from "./limits-conf.ts";
export { hasSysctl, readSysctls, sysctlFile } from "./live-sysctls.ts";
export { type Remedy, remediesOf } from "./remedies.ts";
export { isServerProgram } from "./server-programs.ts";
export { bootLines, OWN_SYSCTL_FILE, readSysctlFiles, type SysctlFiles } from "./sysctl-files.ts";
export { keyMatches, sysctlPath } from "./sysctl-keys.ts";
export { linePlace, parseSysctlLines, type SysctlLine, winningLine } from "./sysctl-lines.ts";
export { lookupIn, normalValue, numberOf, numbersOf, type SysctlLookup } from "./sysctl-values.ts";
export {
  KEEPALIVE_KEYS,
  type Keepalive,
  keepaliveOf,
  keepaliveWith,
  orphanSeconds,
  readKeepalive,
  retransmissionSeconds,
  rtoDoublings,
  rtoMaxMs,
} from "./tcp-clocks.ts";
export { lastOfEach, parseUnitLines, type UnitSetting } from "./unit-lines.ts";
export { isServiceName, readManagerSettings, readUnitFiles } from "./units.ts";
export {
  isHarmful,
  isRefused,
  type RefusedJudgement,
  type ValueJudgement,
  type ValueVerdict,
} from "./value-judgement.ts";
export { FILE_MAX_LEAST, JUDGED_KEYS, judgeValue } from "./value-judges.ts";
