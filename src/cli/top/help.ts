// The help screen: the keys, and what the columns mean.

import { type ScreenLine, styled } from "../terminal/line.ts";

const KEYS = [
  ["q, Ctrl-C", "quit"],
  ["s or < >", "sort by connections, growth, silent, source"],
  ["r", "reverse the order"],
  ["/", "filter: part of a name, 185.104. or 10.0.0.0/8; Esc clears"],
  ["arrows, j k", "scroll; PgUp, PgDn, Home, End"],
  ["l", "listeners: some, only, none"],
  ["p, space", "pause"],
  ["+ -", "scan less or more often"],
  ["Ctrl-Z", "stop; fg comes back"],
] as const;

const WORDS = [
  ["SLOTS", "connections of the listener's owner, of how many it can hold"],
  ["FULL IN", "when the slots are full, if they fill on as in the last 5 s"],
  ["GROWTH/s", "connections per second, over the last 5 s"],
  ["QUEUE", "connections that wait to be accepted, of how many may"],
  ["SILENT", "never sent a byte, and older than --silent-for"],
  ["STALLED", "takes no data, or answers no probe"],
  ["LEAKED", "closed by the peer, but not by the program"],
  ["others", "see sockwarden who --help"],
] as const;

export function helpLines(): ScreenLine[] {
  const line = ([key, text]: readonly [string, string]): ScreenLine => [
    styled(key.padEnd(13), "bold"),
    styled(text),
  ];
  return [...KEYS.map(line), [], ...WORDS.map(line)];
}
