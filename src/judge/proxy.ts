// A proxy, a load balancer, carrier NAT: one address with most of the clients behind it, for long. Banning or capping it
// would be the outage itself.

import type { Standing } from "./judge-types.ts";
import type { SourceRow, View } from "./view.ts";

const PROVEN_MIN = 50;
const KNOWN_FOR_MS = 24 * 60 * 60 * 1000;

/** More than half of its listener's proven connections, at least 50 of them, known for at least a day. */
export function isProxy(
  view: View,
  source: SourceRow,
  { standings, now }: { readonly standings: ReadonlyMap<string, Standing>; readonly now: number },
): boolean {
  const proven = view.count(source, "proven");
  if (proven < PROVEN_MIN) return false;
  const standing = standings.get(view.keyOf(source));
  if (standing === undefined || now - standing.firstSeen < KNOWN_FOR_MS) return false;
  return proven > view.provenOf(source.listener) / 2;
}
