// The servers' own configuration, read as those programs read it: Kamailio, OpenSIPS, mosquitto, nginx, haproxy.
//
// In:  a process (its pid and its name), and the folders of its machine.
// Out: the settings of its configuration files, each with file and line; how many connections it allows itself.
// Promises: nothing is run and nothing is changed. A file that cannot be read is named, and only its own settings are
//      missing.

export {
  lastSetting,
  programSettingText,
  programSettingTextOr,
  settingFix,
  settingNumber,
} from "./look-up.ts";
export { type ProgramConfig, readProgramConfig } from "./program-config.ts";
export { ProgramLimits } from "./program-limits.ts";
