// haproxy.cfg: sections that begin at the line's start with a keyword, settings below them. A setting's name carries its
// section's kind (`global maxconn`, `defaults timeout client`), since maxconn means another thing in each.

import type { ConfigSetting } from "./config-setting.ts";

const SECTION = /^(global|defaults|frontend|backend|listen|peers|resolvers|userlist|program|cache)\b/;
const TWO_WORDS = /^(timeout|option)$/;

export function parseHaproxy(text: string, file: string): ConfigSetting[] {
  let section = "global";
  return text.split("\n").flatMap((raw, i) => {
    const line = raw.replace(/(^|\s)#.*/, "").trim();
    const start = SECTION.exec(line);
    if (start !== null) {
      section = start[1]!;
      return [];
    }
    const words = line.split(/\s+/).filter(Boolean);
    if (words.length === 0) return [];
    const length = TWO_WORDS.test(words[0]!) ? 2 : 1;
    const name = [section, ...words.slice(0, length)].join(" ");
    return [{ name, value: words.slice(length).join(" "), file, line: i + 1 }];
  });
}
