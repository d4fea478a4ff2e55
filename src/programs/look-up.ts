// Looks up a setting in a program's configuration, and tells where it stands or is to be written.

import type { ConfigSetting } from "./config-setting.ts";
import type { ProgramConfig } from "./program-config.ts";

/** The last setting of this name: a later one replaces an earlier one. */
export function lastSetting(config: ProgramConfig, name: string): ConfigSetting | undefined {
  return config.settings.findLast((setting) => setting.name === name);
}

/** The setting's number, or `usual` where it is not set; null where its value is no number. */
export function settingNumber(config: ProgramConfig, name: string, usual: number): number | null {
  const setting = lastSetting(config, name);
  if (setting === undefined) return usual;
  return /^-?\d+$/.test(setting.value) ? Number(setting.value) : null;
}

/** `FILE:LINE: NAME = VALUE`. */
export function programSettingText({ file, line, name, value }: ConfigSetting): string {
  return `${file}:${line}: ${name} = ${value}`;
}

/** The setting as it stands, or that it is not set; `usual` says what holds then. */
export function programSettingTextOr(config: ProgramConfig, name: string, usual: string): string {
  const setting = lastSetting(config, name);
  return setting === undefined
    ? `${config.file}: ${name} is not set (${usual})`
    : programSettingText(setting);
}

/** Where to write a setting as `text`: over the line that has it, else as a new one. */
export function settingFix(config: ProgramConfig, name: string, text: string): string {
  const setting = lastSetting(config, name);
  return setting === undefined ? `${config.file}: ${text}` : `${setting.file}:${setting.line}: ${text}`;
}
