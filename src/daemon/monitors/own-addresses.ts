// The addresses that this host's own probes come from. A monitor takes whatever local address the kernel chooses for its
// target, which is one of an interface of the daemon's network namespace; so those are protected as a whole, and no
// connection of a monitor's ever counts against a source that could be judged. A guarded listener in another namespace
// sees the same addresses, unless something between translates them.

import { networkInterfaces } from "node:os";
import { type Network, parseNetwork } from "../../model/index.ts";

/** Each as a network of one address. Read anew at every call: addresses come and go. */
export function ownAddresses(): Network[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses = []) => addresses.map(({ address }) => parseNetwork(address.split("%")[0] ?? "")))
    .filter((network) => network !== null);
}
