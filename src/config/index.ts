// The configuration: YAML in, one checked value out. In: the files /etc/sockwarden/sockwarden.yaml and conf.d/*.yaml, or
// those given. Out: a Config with every default filled in, or all its errors, each with file, line, column, key and what
// is accepted. Promises: an unknown key, a wrong value, a duplicate is an error and never ignored; a file is never half
// applied; the defaults are written down in examples/sockwarden.yaml, which a test holds equal to the code.

export { changedKeys, restartKeys } from "./changes.ts";
export type { Config, MonitorConfig } from "./config.ts";
export { configDoubts } from "./doubts.ts";
export { configExample, explanationLines } from "./example.ts";
export { explainKey, type SettingExplanation, settingExplanations } from "./explain.ts";
export { configJsonSchema } from "./json-schema.ts";
export { type LoadedConfig, type LoadOptions, loadConfig, readConfigText } from "./load.ts";
export { configPlaces } from "./places.ts";
export type { ConfigProblem } from "./problem.ts";
