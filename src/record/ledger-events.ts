// The event lines for bans that come and go: who did what. Many bans at once are one line: a list of 40 000 sources is
// one deed.

import { type Ban, type BanKey, formatDuration, formatNetwork } from "../model/index.ts";
import type { LedgerEvent } from "./tables/events-table.ts";

const SINGLE_MAX = 20;

export function banEvents(bans: readonly Ban[], who: string, at: number): LedgerEvent[] {
  if (bans.length > SINGLE_MAX) {
    const text = `${bans.length} sources; the first: ${bans[0]?.reason ?? ""}`;
    return [{ at, who, what: "ban", source: null, listener: null, text }];
  }
  return bans.map(({ source, listener, kind, since, until, reason }) => ({
    at,
    who,
    what: kind,
    source: formatNetwork(source),
    listener,
    text: `for ${formatDuration(until - since)}: ${reason}`,
  }));
}

export function liftEvents(keys: readonly BanKey[], who: string, at: number): LedgerEvent[] {
  if (keys.length > SINGLE_MAX) {
    return [{ at, who, what: "lift", source: null, listener: null, text: `${keys.length} sources` }];
  }
  return keys.map(({ source, listener, kind }) => ({
    at,
    who,
    what: "lift",
    source: formatNetwork(source),
    listener,
    text: kind,
  }));
}
