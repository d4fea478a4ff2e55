// What is known of system settings, and what a machine has of them.
//
// In:  the folders of a machine: sysctl files, systemd units and drop-ins, limits.conf, /proc/sys.
// Out: their lines and values as the kernel, systemd and PAM read them; one judgement of a value.
// Promises: reading changes nothing; judging is pure; a value that is not understood is told as such, never as the default.

export { advisedValue, keysOf, settingOf } from "./advised.ts";
export { listConfFiles } from "./conf-folders.ts";
export { type LimitsLine, parseLimitsLines } from "./limits-lines.ts";
export { SETTINGS, type Setting, type TuneProfile } from "./settings.ts";
export { hasSysctl, readSysctlFiles, readSysctls, type SysctlFiles } from "./sysctl-files.ts";
export { normalValue, parseSysctlLines, type SysctlLine, sysctlPath } from "./sysctl-lines.ts";
export { FILE_MAX_LEAST, type Judgement, judgeValue, RULES, type ValueVerdict } from "./sysctl-rules.ts";
export {
  parseLimitValue,
  parseUnitLines,
  readManagerSettings,
  readUnitSettings,
  type UnitSetting,
} from "./systemd-limits.ts";
export { keepaliveOf, type Lookup, numberOf, numbersOf } from "./tcp-clocks.ts";
