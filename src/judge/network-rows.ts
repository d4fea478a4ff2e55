// Sources of one network, taken together: somebody may spread a hoard over all the addresses that they have.

import { isIpv4, type Network, type RuleName } from "../model/index.ts";
import { addressWords, NETWORK_BITS, networkKey } from "./keys.ts";
import { ALL_BUT_LEAKED, type Round } from "./round.ts";
import { type SourceRow, widen } from "./view.ts";

/** With fewer sources each is banned alone: a few rented addresses must not take their whole neighbourhood with them. */
const WHOLE_FROM = 8;

/** The sources of one listener that lie in one network. */
export interface NetworkRows {
  readonly network: Network;
  readonly listener: number;
  readonly sources: readonly SourceRow[];
}

/** Groups sources by network, the narrowest first, so that a /56 is judged before the /48 around it. */
export function groupByNetwork(sources: readonly SourceRow[]): NetworkRows[] {
  const groups = new Map<string | number, { network: Network; listener: number; sources: SourceRow[] }>();
  for (const source of sources) {
    const { listener, network } = source;
    const words = addressWords(network.address);
    for (const bits of isIpv4(network.address) ? NETWORK_BITS.ipv4 : NETWORK_BITS.ipv6) {
      if (bits >= network.bits) continue;
      const key = networkKey(listener, words, 0, bits);
      const group = groups.get(key);
      if (group !== undefined) group.sources.push(source);
      else groups.set(key, { network: widen(network, bits), listener, sources: [source] });
    }
  }
  return [...groups.values()].sort((a, b) => b.network.bits - a.network.bits);
}

/**
 * Whether nobody honest lives in the network: no source in it, suspect or not, has a connection with merit, is known
 * for some, or is exempt. A known office that is empty for the night must not be shut out for its neighbours' doing.
 */
export function isWithoutMerit(round: Round, { network, listener }: NetworkRows): boolean {
  if (round.view.holdsExempt(network) || round.view.meritsIn(listener, network) > 0) return false;
  return !round.isKnownNetwork(listener, network);
}

/** Bans a network without merit: as a whole if the hoard is spread widely, else only the sources that are there. */
export function banNetwork(
  round: Round,
  { network, listener, sources }: NetworkRows,
  { rule, reason }: { readonly rule: RuleName; readonly reason: string },
): void {
  for (const source of sources) round.evict(source, ALL_BUT_LEAKED, { rule });
  const banned = sources.length < WHOLE_FROM ? sources.map((source) => source.network) : [network];
  for (const source of banned) round.ban({ source, listener, kind: "ban", rule, reason });
}
