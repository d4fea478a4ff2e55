// The servers' own configuration, read as those programs read it.
//
// In:  a process: its name, its command line, the folders of its machine.
// Out: the settings of its configuration files, each with file and line.
// Promises: nothing is run and nothing is changed. A file that cannot be read is named, and costs only what stands in it.

export { type ConfigSetting, lastSetting, type ProgramConfig, readProgramConfig } from "./program-config.ts";
