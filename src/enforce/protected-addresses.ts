// Who must never be shut out of this host: itself, its gateways, and who is logged in. Read anew now and then, in the
// guard's network namespace.

import { HOST_ROOT, LOGIN_PLACES, readGateways, readLoginPeers, readOwnAddresses } from "../linux/index.ts";
import { ADDRESS_BITS, type Address, formatAddress, type Network } from "../model/index.ts";

const READ_AGAIN_MS = 10_000;

export class ProtectedAddresses {
  #networks: readonly Network[] = [];
  #readAt = Number.NEGATIVE_INFINITY;

  /** The addresses, at most ten seconds old. */
  at(now: number): readonly Network[] {
    if (now - this.#readAt < READ_AGAIN_MS && now >= this.#readAt) return this.#networks;
    this.#readAt = now;
    this.#networks = unique([
      ...readOwnAddresses(),
      ...readGateways(HOST_ROOT),
      ...readLoginPeers(LOGIN_PLACES),
    ]).map((address) => ({ address, bits: ADDRESS_BITS }));
    return this.#networks;
  }
}

function unique(addresses: readonly Address[]): Address[] {
  return [...new Map(addresses.map((address) => [formatAddress(address), address])).values()];
}
