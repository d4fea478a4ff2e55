// The source of a socket: its peer's address as it lies in a socket table, masked to its family's prefix. Hot: read once
// for every connection of a scan; it allocates nothing.

import {
  ADDRESS_BYTES,
  ipv4Bits,
  isIpv4Words,
  maskBits,
  SOURCE_WORDS,
  type SourcePrefixes,
} from "../model/index.ts";

export class SourceReader {
  /** What read() found: the masked address. Overwritten by the next. */
  readonly source: Uint32Array<ArrayBuffer> = new Uint32Array(SOURCE_WORDS);
  readonly #ipv4: Uint32Array;
  readonly #ipv6: Uint32Array;

  constructor(prefixes: SourcePrefixes) {
    this.#ipv4 = maskWords(ipv4Bits(prefixes.ipv4));
    this.#ipv6 = maskWords(prefixes.ipv6);
  }

  /** Reads the address in row `row` of a column of addresses into `source`. */
  read(addresses: Uint32Array, row: number): void {
    const at = SOURCE_WORDS * row;
    const mask = isIpv4Words(addresses, at) ? this.#ipv4 : this.#ipv6;
    for (let i = 0; i < SOURCE_WORDS; i++) this.source[i] = addresses[at + i]! & mask[i]!;
  }
}

/** The leading `bits` of an address as words, as addresses lie in a table: all ones, masked as any address is. */
export function maskWords(bits: number): Uint32Array<ArrayBuffer> {
  const ones = new Uint8Array(ADDRESS_BYTES).fill(0xff);
  return new Uint32Array(maskBits(ones, bits).buffer);
}
