// nginx.conf: `name value ...;`, with comments, and the files that it includes.

import { type ConfigSetting, INCLUDE_DEPTH_MAX, includedPath, type ServerFiles } from "./config-setting.ts";

export function parseNginx(text: string, file: string, files: ServerFiles, depth = 0): ConfigSetting[] {
  return text.split("\n").flatMap((raw, i) => {
    const line = raw.replace(/(^|\s)#.*/, "");
    return [...line.matchAll(/([a-z_]\w*)\s+([^;{}]+);/g)].flatMap((match) => {
      const setting = { name: match[1]!, value: match[2]!.trim(), file, line: i + 1 };
      if (setting.name !== "include" || depth >= INCLUDE_DEPTH_MAX) return [setting];
      const wanted = includedPath(file, setting.value);
      return (wanted.includes("*") ? files.list(wanted) : [wanted]).flatMap((each) =>
        parseNginx(files.read(each) ?? "", each, files, depth + 1),
      );
    });
  });
}
