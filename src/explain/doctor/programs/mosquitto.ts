// mosquitto.conf: `name value`, comments with # at the start of a line, include_dir left to its default folder.

import type { ConfigSetting } from "./program-config.ts";

export function parseMosquitto(text: string, file: string): ConfigSetting[] {
  return text.split("\n").flatMap((line, i) => {
    const match = /^\s*([a-z]\w*)\s+(.*?)\s*$/.exec(line);
    return match === null ? [] : [{ name: match[1]!, value: match[2]!, file, line: i + 1 }];
  });
}
