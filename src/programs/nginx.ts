// nginx.conf: `name value ...;`, with comments, and the files that it includes.

import { type ConfigSetting, INCLUDE_DEPTH_MAX, includedPath, type ServerFiles } from "./config-setting.ts";

export function parseNginx(text: string, file: string, files: ServerFiles, depth = 0): ConfigSetting[] {
  return text.split("\n").flatMap((raw, i) => {
    const line = raw.replace(/(^|\s)#.*/, "");
    return statementsOf(line).flatMap(({ name, value }) => {
      const setting = { name, value, file, line: i + 1 };
      if (setting.name !== "include" || depth >= INCLUDE_DEPTH_MAX) return [setting];
      const wanted = includedPath(file, setting.value);
      return (wanted.includes("*") ? files.list(wanted) : [wanted]).flatMap((each) =>
        parseNginx(files.read(each) ?? "", each, files, depth + 1),
      );
    });
  });
}

/** The directives that end on this line with a semicolon. One search each: a line can be as long as a file. */
function statementsOf(line: string): { readonly name: string; readonly value: string }[] {
  return line.split(/(?<=[;{}])/).flatMap((piece) => {
    const text = piece.trim();
    const end = text.search(/\s/);
    const [name, value] = [text.slice(0, Math.max(0, end)), text.slice(end).slice(0, -1).trim()];
    return text.endsWith(";") && /^[a-z_]\w*$/.test(name) && value !== "" ? [{ name, value }] : [];
  });
}
