// Netlink messages as bytes; knows nothing of sockets. Source: include/uapi/linux/netlink.h.
//
//   0        4     6     8          12         16
//   | length | type | flags | sequence | port id | payload, padded to 4 bytes ...
//
//   attribute: | length u16 | type u16 | payload, padded to 4 bytes |
//
// Numbers are in the host's byte order. Messages are read through 32-bit words, so a big-endian host is refused below.

export const NLMSG_HEADER_BYTES = 16;
export const NLA_HEADER_BYTES = 4;

export const MessageType = { NOOP: 1, ERROR: 2, DONE: 3, OVERRUN: 4 } as const;

export const MessageFlag = {
  REQUEST: 0x01,
  MULTI: 0x02,
  ACK: 0x04,
  /** The table changed during the dump: the answer is not one consistent picture. */
  DUMP_INTR: 0x10,
  /** NLM_F_ROOT | NLM_F_MATCH. */
  DUMP: 0x300,
} as const;

/** The two high bits of an attribute's type are flags (NLA_F_NESTED, NLA_F_NET_BYTEORDER). */
export const NLA_TYPE_MASK = 0x3fff;

if (new Uint8Array(new Uint32Array([1]).buffer)[0] !== 1) {
  throw new Error("netlink messages are decoded for little-endian hosts only");
}

/** Memory for received messages, with the views that decoding uses. It is reused for each receive. */
export interface MessageBuffer {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
}

/** A buffer of at least `size` bytes, aligned for its views. */
export function createMessageBuffer(size: number): MessageBuffer {
  const memory = new ArrayBuffer(align(size));
  return { bytes: new Uint8Array(memory), words: new Uint32Array(memory) };
}

/** A buffer with a copy of `bytes`, for tests and recordings. */
export function messageBufferOf(bytes: Uint8Array): MessageBuffer {
  const buffer = createMessageBuffer(bytes.length);
  buffer.bytes.set(bytes);
  return buffer;
}

/** Rounds up to the 4 bytes that messages and attributes are padded to (NLMSG_ALIGN, NLA_ALIGN). */
export function align(length: number): number {
  return (length + 3) & ~3;
}

export interface MessageHeader {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly portId?: number;
}

/** One whole message, padded. */
export function encodeMessage(header: MessageHeader, ...payload: readonly Uint8Array[]): Uint8Array {
  const length = payload.reduce((sum, part) => sum + align(part.length), NLMSG_HEADER_BYTES);
  const message = new Uint8Array(length);
  const view = new DataView(message.buffer);
  view.setUint32(0, length, true);
  view.setUint16(4, header.type, true);
  view.setUint16(6, header.flags, true);
  view.setUint32(8, header.sequence, true);
  view.setUint32(12, header.portId ?? 0, true);
  let offset = NLMSG_HEADER_BYTES;
  for (const part of payload) {
    message.set(part, offset);
    offset += align(part.length);
  }
  return message;
}

/** One attribute, padded. Its length field leaves the padding out, as the kernel wants. */
export function encodeAttribute(type: number, payload: Uint8Array): Uint8Array {
  const attribute = new Uint8Array(align(NLA_HEADER_BYTES + payload.length));
  const view = new DataView(attribute.buffer);
  view.setUint16(0, NLA_HEADER_BYTES + payload.length, true);
  view.setUint16(2, type, true);
  attribute.set(payload, NLA_HEADER_BYTES);
  return attribute;
}
