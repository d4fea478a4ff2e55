// Parts of rules for nft and iptables alike: numbers that are safe to write, and the choice of strict limits.

import type { ListenerRules } from "./backend.ts";

export type Strict = NonNullable<ListenerRules["strict"]>;
export type Rate = NonNullable<Strict["newPerSource"]>;

const DAY_MS = 86_400_000;

/** A port as text. Throws RangeError for anything else: no user's text may become a rule. */
export function portText(port: number): string {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new RangeError(`${port} is no port`);
  return String(port);
}

export function isStrict(strict: ListenerRules["strict"]): strict is Strict {
  return strict !== null && (strict.connectionsPerSource !== null || strict.newPerSource !== null);
}

/** The rate per day, because only there most rates are whole numbers: 128 in 10 minutes are 18432. */
export function perDay({ count, perMs }: Rate): number {
  return Math.max(1, Math.round((count * DAY_MS) / perMs));
}
