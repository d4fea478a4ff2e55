// Addresses for the populations of a lab. Each population gets blocks of its own, so that it can fall silent, or be
// banned by its network, without another.
//
//   near   IPv4: neighbours, 254 to a /24        IPv6: all in one /64
//   far    IPv4: each the only one of its /24    IPv6: each the only one of its /48

import { type AddressRange, FORGED_4, OWNED_4, OWNED_6 } from "./network.ts";

export interface SourceOptions {
  readonly family: 4 | 6;
  readonly addresses: number;
  /** By default near. */
  readonly spread?: "near" | "far";
}

export interface SourceBlock {
  readonly addresses: readonly string[];
  /** Prefixes that cover these addresses and no others. */
  readonly prefixes: readonly string[];
}

/** Hosts of a /24 without .0 and .255, which look like no host. */
const HOSTS_4 = 254;

export class AddressPool {
  readonly #owned4 = new Cursor(OWNED_4);
  readonly #forged4 = new Cursor(FORGED_4);
  // 2001:db8:0::/48 stays unused, so that joining the groups gives the canonical text (RFC 5952).
  readonly #owned6 = new Cursor(OWNED_6, 1);

  take({ family, addresses, spread = "near" }: SourceOptions): SourceBlock {
    if (!Number.isInteger(addresses) || addresses < 1) throw new RangeError(`${addresses} source addresses`);
    if (family === 6)
      return spread === "near" ? near6(this.#owned6, addresses) : far6(this.#owned6, addresses);
    return spread === "near" ? near4(this.#owned4, addresses) : far4(this.#owned4, addresses);
  }

  /** Takes IPv4 addresses that nobody has, for forged packets. */
  takeForged(addresses: number): SourceBlock {
    return near4(this.#forged4, addresses);
  }
}

function near4(cursor: Cursor, addresses: number): SourceBlock {
  const { networks, bits } = cursor.claim(Math.ceil(addresses / HOSTS_4));
  return {
    addresses: Array.from(
      { length: addresses },
      (_, i) => `${networks[Math.floor(i / HOSTS_4)]}.${1 + (i % HOSTS_4)}`,
    ),
    prefixes: [`${networks[0]}.0/${24 - bits}`],
  };
}

function far4(cursor: Cursor, addresses: number): SourceBlock {
  const { networks, bits } = cursor.claim(addresses);
  return {
    addresses: networks.map((network) => `${network}.1`),
    prefixes: [`${networks[0]}.0/${24 - bits}`],
  };
}

function near6(cursor: Cursor, addresses: number): SourceBlock {
  const [network] = cursor.claim(1).networks;
  return {
    addresses: Array.from({ length: addresses }, (_, i) => `${network}::${(i + 1).toString(16)}`),
    prefixes: [`${network}::/48`],
  };
}

function far6(cursor: Cursor, addresses: number): SourceBlock {
  const { networks, bits } = cursor.claim(addresses);
  return {
    addresses: networks.map((network) => `${network}::1`),
    prefixes: [`${networks[0]}::/${48 - bits}`],
  };
}

/** Counts how much of a range is taken. */
class Cursor {
  readonly #range: AddressRange;
  #next: number;

  constructor(range: AddressRange, first = 0) {
    this.#range = range;
    this.#next = first;
  }

  /** Takes the next networks. One prefix `bits` shorter than theirs covers them and nothing else that is taken. */
  claim(count: number): { readonly networks: readonly string[]; readonly bits: number } {
    const bits = Math.ceil(Math.log2(count));
    const size = 2 ** bits;
    const first = Math.ceil(this.#next / size) * size;
    if (first + size > this.#range.networks) {
      throw new RangeError(`the lab has no source networks left in ${this.#range.prefix}`);
    }
    this.#next = first + size;
    return { networks: Array.from({ length: count }, (_, i) => this.#range.network(first + i)), bits };
  }
}
