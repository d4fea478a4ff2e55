// The configuration: YAML in, one checked value out.
//
// In:  the files /etc/sockwarden/sockwarden.yaml and conf.d/*.yaml, or those that are named.
// Out: a Config with every default filled in, or all its mistakes, each with file, line, column, key and what is
//      accepted.
// Promises: an unknown key, a wrong value and a duplicate are mistakes and never ignored. A file is used whole or not
//      at all. examples/sockwarden.yaml has the defaults, and a test holds it equal to the code.

export { changedKeys, restartKeys } from "./changes.ts";
export type { Config, MonitorConfig } from "./config.ts";
export { configDoubts } from "./doubts.ts";
export { configExample, explanationLines } from "./example.ts";
export { explainKey, type SettingExplanation, settingExplanations } from "./explain.ts";
export { configJsonSchema } from "./json-schema.ts";
export { type LoadedConfig, type LoadOptions, loadConfig, readConfigText } from "./load.ts";
export { configPlaces } from "./places.ts";
export type { ConfigProblem } from "./problem.ts";
