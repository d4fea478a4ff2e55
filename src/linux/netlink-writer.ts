// Writes netlink messages one after another into memory that grows and is used again. It is for requests with nested
// attributes and thousands of elements: joining small arrays would cost more than the kernel's own work. Layout:
// netlink-message.ts. Numbers of netfilter's attributes are big-endian, those of netlink's headers are not.

import { align, NLA_HEADER_BYTES, NLMSG_HEADER_BYTES } from "./netlink-message.ts";

/** NLA_F_NESTED and NLA_F_NET_BYTEORDER, include/uapi/linux/netlink.h. */
export const NLA_NESTED = 0x8000;
export const NLA_NET_BYTEORDER = 0x4000;

const INITIAL_BYTES = 4096;
const encoder = new TextEncoder();

export class NetlinkWriter {
  length = 0;
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);

  /** Forgets what was written and keeps the memory. */
  clear(): void {
    this.length = 0;
  }

  /** The bytes written so far; valid until the next write. */
  written(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  /** Begins a message; hand the result to `endMessage`. */
  beginMessage(header: { readonly type: number; readonly flags: number; readonly sequence: number }): number {
    const at = this.#take(NLMSG_HEADER_BYTES);
    this.#view.setUint16(at + 4, header.type, true);
    this.#view.setUint16(at + 6, header.flags, true);
    this.#view.setUint32(at + 8, header.sequence, true);
    return at;
  }

  endMessage(at: number): void {
    this.#view.setUint32(at, this.length - at, true);
  }

  /** Writes bytes between the header and the attributes. */
  raw(bytes: Uint8Array): void {
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Begins a nest, an attribute of attributes; hand the result to `endNest`. */
  beginNest(type: number): number {
    const at = this.#take(NLA_HEADER_BYTES);
    this.#view.setUint16(at + 2, type | NLA_NESTED, true);
    return at;
  }

  /** Ends a nest. Its length field has 16 bits, so callers keep a nest below 64 KiB. */
  endNest(at: number): void {
    const length = this.length - at;
    if (length > 0xffff) throw new RangeError(`a nested attribute of ${length} bytes`);
    this.#view.setUint16(at, length, true);
  }

  bytes(type: number, payload: Uint8Array): void {
    const at = this.#attribute(type, payload.length);
    this.#bytes.set(payload, at);
  }

  /** Writes a text with its closing zero byte. */
  text(type: number, text: string): void {
    this.bytes(type, encoder.encode(`${text}\0`));
  }

  u8(type: number, value: number): void {
    const at = this.#attribute(type, 1);
    this.#view.setUint8(at, value);
  }

  u32(type: number, value: number): void {
    const at = this.#attribute(type, 4);
    this.#view.setUint32(at, value, false);
  }

  /** Writes a 64-bit number, up to 2^53. */
  u64(type: number, value: number): void {
    const at = this.#attribute(type, 8);
    this.#view.setUint32(at, Math.floor(value / 2 ** 32), false);
    this.#view.setUint32(at + 4, value >>> 0, false);
  }

  #attribute(type: number, length: number): number {
    const at = this.#take(align(NLA_HEADER_BYTES + length));
    this.#view.setUint16(at, NLA_HEADER_BYTES + length, true);
    this.#view.setUint16(at + 2, type, true);
    return at + NLA_HEADER_BYTES;
  }

  /** Makes room for `length` zero bytes. Returns where they begin. */
  #take(length: number): number {
    const at = this.length;
    this.length += align(length);
    if (this.length > this.#bytes.length) this.#grow();
    else this.#bytes.fill(0, at, this.length);
    return at;
  }

  #grow(): void {
    const bytes = new Uint8Array(Math.max(2 * this.#bytes.length, this.length));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer);
  }
}
