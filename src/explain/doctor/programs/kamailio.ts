// kamailio.cfg, its global parameters: `name=value`, with #, // and block comments. Both branches of an #!ifdef count, since
// what is defined may come from the command line.

import type { ConfigSetting } from "./program-config.ts";

export function parseKamailio(text: string, file: string): ConfigSetting[] {
  // Comments keep their line breaks, so that lines keep their numbers.
  const plain = text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ""));
  return plain.split("\n").flatMap((line, i) => {
    const match = /^\s*(\w+)\s*=\s*("[^"]*"|[^\s#;]+)/.exec(line);
    if (match === null) return [];
    return [{ name: match[1]!, value: match[2]!.replace(/^"|"$/g, ""), file, line: i + 1 }];
  });
}
