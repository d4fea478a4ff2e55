// The network that most of a hoard comes from, if there is one: what no count by address shows.

import { contains, formatAddress, isIpv4, type Network, parseNetwork } from "../../model/index.ts";
import type { SourceObservation } from "../observation.ts";
import { inHonestUse } from "../shown.ts";
import type { Suspects } from "../suspects.ts";

export interface CommonNetwork {
  /** A /24, or a /48 of IPv6. */
  readonly name: string;
  /** Of the whole hoard. */
  readonly share: number;
  /** Connections from it that are in honest use. */
  readonly inHonestUse: number;
}

const SHARE_MIN = 0.8;
const BITS_4 = 24;
const BITS_6 = 48;

export function commonNetwork(
  { sources, total }: Suspects,
  everybody: readonly SourceObservation[],
): CommonNetwork | null {
  const held = new Map<string, number>();
  for (const { source, total: n } of sources) {
    const name = wideNetworkOf(source.source);
    if (name !== null) held.set(name, (held.get(name) ?? 0) + n);
  }
  const largest = [...held].reduce<readonly [string, number] | null>(
    (best, next) => (best === null || next[1] > best[1] ? next : best),
    null,
  );
  if (largest === null || !(largest[1] >= SHARE_MIN * total)) return null;
  const [name, n] = largest;
  return { name, share: n / total, inHonestUse: inHonestUseIn(parseNetwork(name)!, everybody) };
}

function wideNetworkOf(source: string): string | null {
  const host = parseNetwork(source.split("/")[0]!);
  if (host === null) return null;
  const bits = isIpv4(host.address) ? BITS_4 : BITS_6;
  const network = parseNetwork(`${formatAddress(host.address)}/${bits}`)!;
  return `${formatAddress(network.address)}/${bits}`;
}

function inHonestUseIn(network: Network, everybody: readonly SourceObservation[]): number {
  let sum = 0;
  for (const { source, accepted } of everybody) {
    const host = parseNetwork(source.split("/")[0]!);
    if (host !== null && contains(network, host.address)) sum += inHonestUse(accepted);
  }
  return sum;
}
