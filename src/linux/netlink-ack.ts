// The kernel's answer to a request that wants to be acknowledged. Source: struct nlmsgerr, include/uapi/linux/netlink.h.
//
//   | header, type ERROR | errno i32, negative or 0 | the request's header | its payload, unless CAPPED | attributes |
//
// Attributes follow if the header's flags have ACK_TLVS. The one read here is the kernel's own words for a refusal.

import {
  align,
  type MessageBuffer,
  MessageType,
  NLA_HEADER_BYTES,
  NLA_TYPE_MASK,
  NLMSG_HEADER_BYTES,
} from "./netlink-message.ts";

const FLAG_CAPPED = 0x100;
const FLAG_ACK_TLVS = 0x200;
/** NLMSGERR_ATTR_MSG: a text, ended by a zero byte. */
const ATTRIBUTE_MESSAGE = 1;
const ERRNO_BYTES = 4;

export interface Acknowledged {
  /** 0 if done, else positive. */
  readonly errno: number;
  /** The kernel's words beside the number; null if it said nothing. */
  readonly words: string | null;
}

/** The answer to request `sequence` in the first `length` bytes of `buffer`; null if it is not there. */
export function decodeAcknowledgement(
  buffer: MessageBuffer,
  length: number,
  expected: { readonly sequence: number; readonly portId: number },
): Acknowledged | null {
  const { words, bytes } = buffer;
  const end = Math.min(length, bytes.length);
  for (let offset = 0; offset + NLMSG_HEADER_BYTES <= end; ) {
    const at = offset >> 2;
    const size = words[at]!;
    if (size < NLMSG_HEADER_BYTES || size > end - offset) return null;
    const ours = words[at + 2] === expected.sequence && words[at + 3] === expected.portId;
    const type = words[at + 1]! & 0xffff;
    if (ours && type === MessageType.ERROR && size >= NLMSG_HEADER_BYTES + ERRNO_BYTES) {
      return { errno: -(words[at + 4]! | 0), words: kernelWords(buffer, offset, size) };
    }
    offset += align(size);
  }
  return null;
}

function kernelWords({ words, bytes }: MessageBuffer, offset: number, size: number): string | null {
  const at = offset >> 2;
  const flags = words[at + 1]! >>> 16;
  const request = NLMSG_HEADER_BYTES + ERRNO_BYTES;
  if ((flags & FLAG_ACK_TLVS) === 0 || size < request + NLMSG_HEADER_BYTES) return null;
  const requestBytes = (flags & FLAG_CAPPED) !== 0 ? NLMSG_HEADER_BYTES : words[at + 5]!;
  const end = offset + size;
  for (let a = offset + request + align(requestBytes); a + NLA_HEADER_BYTES <= end; ) {
    const attributeBytes = words[a >> 2]! & 0xffff;
    const type = (words[a >> 2]! >>> 16) & NLA_TYPE_MASK;
    if (attributeBytes < NLA_HEADER_BYTES || a + attributeBytes > end) return null;
    if (type === ATTRIBUTE_MESSAGE) {
      const text = new TextDecoder().decode(bytes.subarray(a + NLA_HEADER_BYTES, a + attributeBytes));
      return text.replace(/\0.*$/s, "");
    }
    a += align(attributeBytes);
  }
  return null;
}
