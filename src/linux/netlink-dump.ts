// Reads the whole answer to a dump request: messages over many datagrams, until DONE or a refusal. It separates the
// messages and leaves their contents to the caller.

import {
  align,
  type MessageBuffer,
  MessageFlag,
  MessageType,
  NLA_HEADER_BYTES,
  NLA_TYPE_MASK,
  NLMSG_HEADER_BYTES,
} from "./netlink-message.ts";
import { NetlinkError, type NetlinkTransport } from "./netlink-socket.ts";

/** Gets the bytes of one message after its header: `view` from `start` to `end`. They are valid during the call. */
export type ReadMessage = (view: DataView, start: number, end: number) => void;

export interface DumpEnd {
  /** 0 if done, else positive. */
  readonly errno: number;
  /** Whether the kernel's table changed meanwhile: the answer may then miss or repeat something. */
  readonly interrupted: boolean;
}

/** The bound of a dump. No dump of ours is as long, and a kernel that never says DONE must not hold the thread for ever. */
const DATAGRAMS_MAX = 1_000_000;

/** Hands every message that answers request `sequence` to `read`. The caller has sent the request. */
export function receiveDump(transport: NetlinkTransport, sequence: number, read: ReadMessage): DumpEnd {
  let interrupted = false;
  for (let datagrams = 0; datagrams < DATAGRAMS_MAX; datagrams++) {
    const length = transport.receive();
    const end = readDatagram(transport, length, sequence, read);
    interrupted ||= end.interrupted;
    if (end.errno !== null) return { errno: end.errno, interrupted };
  }
  throw new NetlinkError("overrun", "dump", `no end after ${DATAGRAMS_MAX} datagrams`);
}

interface DatagramEnd {
  /** Null if more is to come. */
  readonly errno: number | null;
  readonly interrupted: boolean;
}

function readDatagram(
  transport: NetlinkTransport,
  length: number,
  sequence: number,
  read: ReadMessage,
): DatagramEnd {
  const { words, bytes }: MessageBuffer = transport.buffer;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let interrupted = false;
  for (let offset = 0; offset + NLMSG_HEADER_BYTES <= length; ) {
    const at = offset >> 2;
    const size = words[at]!;
    if (size < NLMSG_HEADER_BYTES || size > length - offset) {
      throw new NetlinkError("truncated", "dump", `a message of ${size} bytes at ${offset} of ${length}`);
    }
    if (words[at + 2] === sequence && words[at + 3] === transport.portId) {
      const type = words[at + 1]! & 0xffff;
      if (((words[at + 1]! >>> 16) & MessageFlag.DUMP_INTR) !== 0) interrupted = true;
      if (type === MessageType.DONE || type === MessageType.ERROR) {
        const errno = size >= NLMSG_HEADER_BYTES + 4 ? -(words[at + 4]! | 0) : 0;
        return { errno: Math.max(errno, 0), interrupted };
      }
      read(view, offset + NLMSG_HEADER_BYTES, offset + size);
    }
    offset += align(size);
  }
  return { errno: null, interrupted };
}

/** Walks the attributes from `start` to `end`. A broken length ends the walk. */
export function eachAttribute(
  view: DataView,
  start: number,
  end: number,
  read: (type: number, from: number, to: number) => void,
): void {
  for (let at = start; at + NLA_HEADER_BYTES <= end; ) {
    const length = view.getUint16(at, true);
    if (length < NLA_HEADER_BYTES || at + length > end) return;
    read(view.getUint16(at + 2, true) & NLA_TYPE_MASK, at + NLA_HEADER_BYTES, at + length);
    at += align(length);
  }
}

/** An attribute's text, without its closing zero byte. */
export function attributeText(view: DataView, from: number, to: number): string {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + from, to - from);
  return new TextDecoder().decode(bytes).replace(/\0.*$/s, "");
}

/** A big-endian number of 8 bytes, exact up to 2^53. */
export function readBigEndianU64(view: DataView, at: number): number {
  return view.getUint32(at, false) * 2 ** 32 + view.getUint32(at + 4, false);
}
