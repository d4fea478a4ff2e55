// The names in a request: a source, and a listener.

import { ServiceError } from "../../api/index.ts";
import { maskBits, type Network, type SourcePrefixes, sourceBits } from "../../model/index.ts";
import type { LastSeen } from "../last-seen.ts";

/** One address stands for the whole source that it belongs to. */
export function asSource(network: Network, prefixes: SourcePrefixes): Network {
  const bits = sourceBits(network.address, prefixes);
  return network.bits <= bits ? network : { address: maskBits(network.address, bits), bits };
}

/** The name of a known listener; null for all of them. Throws ServiceError for any other name. */
export function knownListener(seen: LastSeen, name: string | null): string | null {
  if (name === null) return null;
  const names = seen.listeners().map((listener) => listener.name);
  if (names.includes(name)) return name;
  throw new ServiceError({
    code: "not-found",
    field: "listener",
    message: `no listener is called ${name}`,
    accepted: names.join(", ") || "none is there",
  });
}
