// nginx.conf: `name value ...;`, one directive a line as everybody writes it, with comments. Included files are read
// where the path names one file; a folder of them is not searched.

import path from "node:path";
import type { ConfigSetting, ReadFile } from "./program-config.ts";

/** Includes within includes that are followed. */
const DEPTH_MAX = 4;

export function parseNginx(text: string, file: string, read: ReadFile, depth = 0): ConfigSetting[] {
  return text.split("\n").flatMap((raw, i) => {
    const line = raw.replace(/(^|\s)#.*/, "");
    return [...line.matchAll(/([a-z_]\w*)\s+([^;{}]+);/g)].flatMap((match) => {
      const setting = { name: match[1]!, value: match[2]!.trim(), file, line: i + 1 };
      if (setting.name !== "include" || setting.value.includes("*") || depth >= DEPTH_MAX) return [setting];
      const included = path.resolve(path.dirname(file), setting.value);
      const content = read(included);
      return content === null ? [setting] : parseNginx(content, included, read, depth + 1);
    });
  });
}
