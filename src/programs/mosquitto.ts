// mosquitto.conf: `name value`, comments with # at the start of a line, and the folder that it includes.

import { type ConfigSetting, INCLUDE_DEPTH_MAX, type ServerFiles } from "./config-setting.ts";

export function parseMosquitto(text: string, file: string, files: ServerFiles, depth = 0): ConfigSetting[] {
  return text.split("\n").flatMap((line, i) => {
    const match = /^\s*([a-z]\w*)\s+(\S.*)$/.exec(line);
    if (match === null) return [];
    const setting = { name: match[1]!, value: match[2]!.trimEnd(), file, line: i + 1 };
    if (setting.name !== "include_dir" || depth >= INCLUDE_DEPTH_MAX) return [setting];
    // mosquitto takes it for one folder, whatever its name.
    if (/[*?[{]/.test(setting.value)) return [setting];
    return files
      .list(`${setting.value.replace(/\/+$/, "")}/*.conf`)
      .flatMap((each) => parseMosquitto(files.read(each) ?? "", each, files, depth + 1));
  });
}
