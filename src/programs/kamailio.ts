// kamailio.cfg, its global parameters: `name=value`, with # and block comments, and the files that it includes. Both
// branches of an #!ifdef count, since the command line may define the name.

import { type ConfigSetting, INCLUDE_DEPTH_MAX, includedPath, type ServerFiles } from "./config-setting.ts";

export function parseKamailio(text: string, file: string, files: ServerFiles, depth = 0): ConfigSetting[] {
  return withoutBlockComments(text)
    .split("\n")
    .flatMap((line, i) => {
      const included = /^\s*(?:#!|!!)?(?:include|import)_file\s+"([^"]+)"/.exec(line)?.[1];
      if (included !== undefined && depth < INCLUDE_DEPTH_MAX) {
        const wanted = includedPath(file, included);
        return parseKamailio(files.read(wanted) ?? "", wanted, files, depth + 1);
      }
      const match = /^\s*(\w+)\s*=\s*("[^"]*"|[^\s#;]+)/.exec(line);
      if (match === null) return [];
      return [{ name: match[1]!, value: match[2]!.replace(/^"|"$/g, ""), file, line: i + 1 }];
    });
}

/** Comments leave their line breaks, so that lines keep their numbers. A comment without an end is none. */
function withoutBlockComments(text: string): string {
  let plain = "";
  for (let at = 0; ; ) {
    const begin = text.indexOf("/*", at);
    const end = begin < 0 ? -1 : text.indexOf("*/", begin + 2);
    if (end < 0) return plain + text.slice(at);
    plain += text.slice(at, begin) + text.slice(begin, end).replace(/[^\n]/g, "");
    at = end + 2;
  }
}
