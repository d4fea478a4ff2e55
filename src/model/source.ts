// A source is what limits apply to: an IPv4 address or an IPv6 network, by default a /64, because one subscriber has
// all of it. Both prefix lengths can be set.

import {
  ADDRESS_BITS,
  ADDRESS_BYTES,
  type Address,
  formatAddress,
  type IpFamily,
  isIpv4,
  parseAddress,
} from "./address.ts";

/** How many leading bits of an address make a source: 0..32 for IPv4, 0..128 for IPv6. */
export interface SourcePrefixes {
  readonly ipv4: number;
  readonly ipv6: number;
}

/** How many 32-bit words a source takes in a column. A source is stored as a masked address. */
export const SOURCE_WORDS: number = ADDRESS_BYTES / 4;

export const DEFAULT_SOURCE_PREFIXES: SourcePrefixes = { ipv4: 32, ipv6: 64 };

/** The bits before an IPv4 address in its v4-mapped form. */
const MAPPED_BITS = 96;
const IPV4_LENGTH_MAX: number = ADDRESS_BITS - MAPPED_BITS;

/** Leading bits of the 128 for an IPv4 prefix length: an IPv4 /24 has 120. */
export function ipv4Bits(length: number): number {
  return MAPPED_BITS + length;
}

/** How many leading bits of the 128 make a source, by the address's family. */
export function sourceBits(address: Address, prefixes: SourcePrefixes): number {
  return isIpv4(address) ? ipv4Bits(prefixes.ipv4) : prefixes.ipv6;
}

/** The address with every bit behind its family's prefix set to zero. */
export function maskAddress(address: Address, prefixes: SourcePrefixes): Address {
  return maskBits(address, sourceBits(address, prefixes));
}

/** A copy with all but the first `bits` of the 128 set to zero. */
export function maskBits(address: Address, bits: number): Uint8Array<ArrayBuffer> {
  const masked = new Uint8Array(ADDRESS_BYTES);
  for (let i = 0; i < ADDRESS_BYTES; i++) masked[i] = address[i]! & byteMask(bits - 8 * i);
  return masked;
}

/** A masked address as people write it: without a length if it is one address, else with its prefix length. */
export function formatSource(masked: Address, prefixes: SourcePrefixes): string {
  return formatNetwork({ address: masked, bits: sourceBits(masked, prefixes) });
}

/** An address with its prefix length, as parsed from `ADDRESS` or `ADDRESS/LENGTH`. */
export interface Network {
  readonly address: Address;
  /** Leading bits of the 128, so an IPv4 /24 has 120. */
  readonly bits: number;
}

/** Parses `192.0.2.1`, `192.0.2.0/24`, `2001:db8::/48`. Returns null for anything else. Bits behind the prefix are dropped. */
export function parseNetwork(text: string): Network | null {
  const [host, length, ...rest] = text.split("/");
  const address = parseAddress(host ?? "");
  if (address === null || rest.length > 0) return null;
  const whole = isIpv4(address) ? IPV4_LENGTH_MAX : ADDRESS_BITS;
  if (length !== undefined && (!/^\d{1,3}$/.test(length) || Number(length) > whole)) return null;
  const bits = ADDRESS_BITS - whole + (length === undefined ? whole : Number(length));
  return { address: maskBits(address, bits), bits };
}

/** A network as people write it: without a length if it is one address, else with its prefix length. */
export function formatNetwork(network: Network): string {
  const address = formatAddress(network.address);
  return network.bits === ADDRESS_BITS ? address : `${address}/${prefixLengthOf(network)}`;
}

/** The family: 4 if all of the network's addresses are IPv4, else 6. */
export function networkFamily({ address, bits }: Network): IpFamily {
  return isIpv4(address) && bits >= MAPPED_BITS ? 4 : 6;
}

/** The prefix length as people write it: of 32 for IPv4. */
export function prefixLengthOf(network: Network): number {
  return networkFamily(network) === 4 ? network.bits - MAPPED_BITS : network.bits;
}

/** Whether an address lies in a network. */
export function contains(network: Network, address: Address): boolean {
  const whole = network.address;
  for (let i = 0; i < ADDRESS_BYTES; i++) {
    if ((address[i]! & byteMask(network.bits - 8 * i)) !== whole[i]) return false;
  }
  return true;
}

/** The mask of one byte with its first `bits` bits set. A number below 0 counts as 0, one above 8 as 8. */
function byteMask(bits: number): number {
  return bits >= 8 ? 0xff : bits <= 0 ? 0 : (0xff << (8 - bits)) & 0xff;
}

/** Whether a network contains all of another one. */
export function covers(wide: Network, narrow: Network): boolean {
  return wide.bits <= narrow.bits && contains(wide, narrow.address);
}

/** Whether two networks share an address: one of them then contains the other. */
export function touches(one: Network, other: Network): boolean {
  return covers(one, other) || covers(other, one);
}
