// Addresses that must never be shut out of this host: its own, its gateways', and those of people logged in. They are
// read anew now and then, in the calling thread's network namespace.

import { HOST_ROOT, LOGIN_PLACES, readGateways, readLoginPeers, readOwnAddresses } from "../linux/index.ts";
import { ADDRESS_BITS, type Address, formatAddress, type Network } from "../model/index.ts";

/** Asks the host for addresses. The answer is empty if the reader cannot tell. */
export type AddressReader = () => readonly Address[];

const READERS: readonly AddressReader[] = [
  readOwnAddresses,
  () => readGateways(HOST_ROOT),
  () => readLoginPeers(LOGIN_PLACES),
];

const READ_AGAIN_MS = 10_000;

export class ProtectedAddresses {
  readonly #readers: readonly AddressReader[];
  #networks: readonly Network[] = [];
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(readers: readonly AddressReader[] = READERS) {
    this.#readers = readers;
  }

  /** The protected addresses, at most ten seconds old. */
  at(nowMs: number): readonly Network[] {
    if (nowMs - this.#readAt < READ_AGAIN_MS && nowMs >= this.#readAt) return this.#networks;
    const addresses = unique(this.#readers.flatMap((read) => read()));
    this.#networks = addresses.map((address) => ({ address, bits: ADDRESS_BITS }));
    // The time is noted last: after a failed reading nobody may be judged without the addresses.
    this.#readAt = nowMs;
    return this.#networks;
  }
}

function unique(addresses: readonly Address[]): Address[] {
  return [...new Map(addresses.map((address) => [formatAddress(address), address])).values()];
}
