// nginx.conf: `name value ...;`, with comments, and the files that it includes.

import path from "node:path";
import { type ConfigSetting, INCLUDE_DEPTH_MAX, type ServerFiles } from "./program-config.ts";

export function parseNginx(text: string, file: string, files: ServerFiles, depth = 0): ConfigSetting[] {
  return text.split("\n").flatMap((raw, i) => {
    const line = raw.replace(/(^|\s)#.*/, "");
    return [...line.matchAll(/([a-z_]\w*)\s+([^;{}]+);/g)].flatMap((match) => {
      const setting = { name: match[1]!, value: match[2]!.trim(), file, line: i + 1 };
      if (setting.name !== "include" || depth >= INCLUDE_DEPTH_MAX) return [setting];
      const wanted = path.resolve(path.dirname(file), setting.value);
      return (wanted.includes("*") ? files.list(wanted) : [wanted]).flatMap((each) =>
        parseNginx(files.read(each) ?? "", each, files, depth + 1),
      );
    });
  });
}
