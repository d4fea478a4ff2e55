// A proxy, a load balancer or carrier NAT is one address with most of the clients behind it, for long. Banning or
// capping it would cause the very outage.

import type { Standing } from "./judge-types.ts";
import type { SourceRow, View } from "./view.ts";

export const PROVEN_MIN = 50;
const KNOWN_FOR_MS: number = 24 * 60 * 60 * 1000;

/** Whether the source has more than half of its listener's proven connections, and at least 50 of them. */
export function hasMostProven(view: View, source: SourceRow): boolean {
  const proven = view.count(source, "proven");
  return proven >= PROVEN_MIN && proven > view.provenOf(source.listener) / 2;
}

/** Whether the source has most of the proven connections, and has been known for at least a day. */
export function isProxy(
  view: View,
  source: SourceRow,
  { standings, now }: { readonly standings: ReadonlyMap<string, Standing>; readonly now: number },
): boolean {
  if (!hasMostProven(view, source)) return false;
  const standing = standings.get(view.keyOf(source));
  return standing !== undefined && now - standing.firstSeen >= KNOWN_FOR_MS;
}
