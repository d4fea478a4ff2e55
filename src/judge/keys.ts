// Keys of addresses and networks for maps. They are made for every source of a scan, so they are made of words: text
// that people read would cost more.

import type { Address } from "../model/index.ts";

/** Widths, in leading bits of 128, of the networks that may be banned as a whole: IPv4 /24, IPv6 /48 and /56. */
export const NETWORK_BITS = { ipv4: [120], ipv6: [48, 56] } as const;

/** The words are in network order as a little-endian host reads them: the first bytes of an address are the low ones. */
export function addressWords(address: Address): Uint32Array {
  return address.byteOffset % 4 === 0
    ? new Uint32Array(address.buffer, address.byteOffset, 4)
    : new Uint32Array(address.slice().buffer);
}

/** Equal for equal addresses. */
export function addressKey(address: Address): string {
  const words = addressWords(address);
  return `${words[0]} ${words[1]} ${words[2]} ${words[3]}`;
}

/** Equal for sources of one listener in one network of a width in NETWORK_BITS. */
export function networkKey(listener: number, words: Uint32Array, at: number, bits: number): string | number {
  if (bits === 120) return listener * 2 ** 24 + (words[at + 3]! & 0xff_ff_ff);
  return `${listener} ${bits} ${words[at]!} ${words[at + 1]! & (bits === 48 ? 0xff_ff : 0xff_ff_ff)}`;
}
