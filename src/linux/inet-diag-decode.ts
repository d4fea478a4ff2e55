// Decodes the answers of a sock_diag dump into a SocketTable.
//
// Hot: one pass over every socket of the machine (bench/scan.ts). Nothing is allocated per socket. A row's fields are
// read through 32-bit words, since netlink aligns all it sends to 4 bytes. A message that does not fit the layout is
// counted by its cause and left out, and the rest is kept: bytes from outside never end the process.

import { MAPPED_WORD } from "../model/index.ts";
import {
  AF_INET,
  AF_INET6,
  DiagAttribute,
  INET_DIAG_MESSAGE_BYTES,
  SOCK_DIAG_BY_FAMILY,
  TcpInfo,
} from "./inet-diag-layout.ts";
import {
  type MessageBuffer,
  MessageFlag,
  MessageType,
  NLA_HEADER_BYTES,
  NLA_TYPE_MASK,
  NLMSG_HEADER_BYTES,
} from "./netlink-message.ts";
import { NOT_TOLD, type SocketTable } from "./socket-table.ts";

/** The messages left out of a table, counted by cause. */
export interface DecodeLosses {
  /** A message or attribute that claims more bytes than came, or fewer than its header. */
  truncated: number;
  /** A message for another request or another socket. */
  foreign: number;
  /** A message of a type or an address family that was not asked for. */
  unexpected: number;
  /** An attribute whose length is impossible, or tcp_info shorter than any kernel sends. */
  malformed: number;
  /** Sockets beyond the table's bound. */
  full: number;
}

export function noLosses(): DecodeLosses {
  return { truncated: 0, foreign: 0, unexpected: 0, malformed: 0, full: 0 };
}

/** What a datagram said about the whole dump. */
export type DecodeOutcome =
  | { readonly kind: "more"; readonly interrupted: boolean }
  | { readonly kind: "done"; readonly interrupted: boolean }
  | { readonly kind: "error"; readonly errno: number };

/** The marks of answers that are ours. */
export interface Expected {
  readonly sequence: number;
  readonly portId: number;
}

const MORE = { kind: "more", interrupted: false } as const;
const MORE_INTERRUPTED = { kind: "more", interrupted: true } as const;

/** The smallest answer. A row takes at least this much of a datagram. */
const ROW_BYTES_MIN = NLMSG_HEADER_BYTES + INET_DIAG_MESSAGE_BYTES;

/**
 * Appends the sockets in the first `length` bytes of `buffer` to `table`. Counts in `losses` what it leaves out. `kind:
 * "error"` carries a positive errno.
 */
export function decodeDump(
  buffer: MessageBuffer,
  length: number,
  expected: Expected,
  table: SocketTable,
  losses: DecodeLosses,
): DecodeOutcome {
  const { words } = buffer;
  const end = Math.min(length, buffer.bytes.length);
  table.reserve(Math.ceil(end / ROW_BYTES_MIN));
  let interrupted = false;
  let offset = 0;
  while (offset + NLMSG_HEADER_BYTES <= end) {
    const at = offset >> 2;
    const size = words[at]!;
    if (size < NLMSG_HEADER_BYTES || size > end - offset) {
      losses.truncated++;
      break;
    }
    const type = words[at + 1]! & 0xffff;
    if (words[at + 2] !== expected.sequence || words[at + 3] !== expected.portId) {
      losses.foreign++;
    } else {
      if (((words[at + 1]! >>> 16) & MessageFlag.DUMP_INTR) !== 0) interrupted = true;
      if (type === SOCK_DIAG_BY_FAMILY) decodeSocket(buffer, offset, size, table, losses);
      else if (type === MessageType.DONE || type === MessageType.ERROR)
        return decodeEnd(words, at, size, interrupted);
      else losses.unexpected++;
    }
    offset += (size + 3) & ~3;
  }
  return interrupted ? MORE_INTERRUPTED : MORE;
}

/**
 * Decodes NLMSG_DONE and NLMSG_ERROR: an int of zero or a negative errno follows the header. A dump that fails, for
 * example because the kernel has no handler for a protocol, ends with NLMSG_DONE and its errno, not with NLMSG_ERROR
 * (seen on 6.18).
 */
function decodeEnd(words: Uint32Array, at: number, size: number, interrupted: boolean): DecodeOutcome {
  const errno = size >= NLMSG_HEADER_BYTES + 4 ? -(words[at + 4]! | 0) : 0;
  return errno > 0 ? { kind: "error", errno } : { kind: "done", interrupted };
}

function decodeSocket(
  buffer: MessageBuffer,
  offset: number,
  size: number,
  table: SocketTable,
  losses: DecodeLosses,
): void {
  if (size < ROW_BYTES_MIN) {
    losses.truncated++;
    return;
  }
  const { words, bytes } = buffer;
  const m = (offset + NLMSG_HEADER_BYTES) >> 2;
  const family = words[m]! & 0xff;
  if (family !== AF_INET && family !== AF_INET6) {
    losses.unexpected++;
    return;
  }
  const row = table.length;
  if (row >= table.capacity) {
    losses.full++;
    return;
  }
  table.length = row + 1;

  const head = words[m]!;
  table.family[row] = family;
  table.state[row] = (head >>> 8) & 0xff;
  table.timer[row] = (head >>> 16) & 0xff;
  table.retrans[row] = head >>> 24;
  const ports = words[m + 1]!;
  table.localPort[row] = ((ports & 0xff) << 8) | ((ports >>> 8) & 0xff);
  table.remotePort[row] = ((ports >>> 8) & 0xff00) | (ports >>> 24);
  decodeAddress(words, m + 2, family, table.local, 4 * row);
  decodeAddress(words, m + 6, family, table.remote, 4 * row);
  table.interfaceIndex[row] = words[m + 10]!;
  table.cookieLow[row] = words[m + 11]!;
  table.cookieHigh[row] = words[m + 12]!;
  table.rqueue[row] = words[m + 14]!;
  table.wqueue[row] = words[m + 15]!;
  table.uid[row] = words[m + 16]!;
  table.inode[row] = words[m + 17]!;
  decodeAttributes(words, bytes, offset + ROW_BYTES_MIN, offset + size, table, row, losses);
}

function decodeAddress(
  words: Uint32Array,
  at: number,
  family: number,
  column: Uint32Array,
  to: number,
): void {
  if (family === AF_INET) {
    column[to] = 0;
    column[to + 1] = 0;
    column[to + 2] = MAPPED_WORD;
    column[to + 3] = words[at]!;
  } else {
    column[to] = words[at]!;
    column[to + 1] = words[at + 1]!;
    column[to + 2] = words[at + 2]!;
    column[to + 3] = words[at + 3]!;
  }
}

function decodeAttributes(
  words: Uint32Array,
  bytes: Uint8Array,
  from: number,
  end: number,
  table: SocketTable,
  row: number,
  losses: DecodeLosses,
): void {
  let info = 0;
  let infoBytes = 0;
  let cgroup = NOT_TOLD;
  let v6Only = 0;
  let at = from;
  while (at + NLA_HEADER_BYTES <= end) {
    const head = words[at >> 2]!;
    const length = head & 0xffff;
    if (length < NLA_HEADER_BYTES || length > end - at) {
      losses.malformed++;
      break;
    }
    const type = (head >>> 16) & NLA_TYPE_MASK;
    if (type === DiagAttribute.INFO) {
      info = (at + NLA_HEADER_BYTES) >> 2;
      infoBytes = length - NLA_HEADER_BYTES;
    } else if (type === DiagAttribute.CGROUP_ID && length >= NLA_HEADER_BYTES + 8) {
      cgroup = readU64(words, (at + NLA_HEADER_BYTES) >> 2);
    } else if (type === DiagAttribute.SKV6ONLY && length > NLA_HEADER_BYTES) {
      v6Only = bytes[at + NLA_HEADER_BYTES]!;
    }
    at += (length + 3) & ~3;
  }
  if (infoBytes > 0 && infoBytes < TcpInfo.BASE_BYTES) {
    losses.malformed++;
    infoBytes = 0;
  }
  table.cgroup[row] = cgroup;
  table.v6Only[row] = v6Only;
  table.infoBytes[row] = infoBytes;
  decodeTcpInfo(words, info, infoBytes, table, row);
}

/** Decodes tcp_info, which begins at word `info`. Counters that this kernel does not send become NOT_TOLD, ages 0. */
function decodeTcpInfo(
  words: Uint32Array,
  info: number,
  infoBytes: number,
  table: SocketTable,
  row: number,
): void {
  const has = infoBytes >= TcpInfo.BASE_BYTES;
  table.backoff[row] = has ? words[info + (TcpInfo.BACKOFF >> 2)]! & 0xff : 0;
  table.lastDataSentMs[row] = has ? words[info + (TcpInfo.LAST_DATA_SENT >> 2)]! : 0;
  table.lastDataReceivedMs[row] = has ? words[info + (TcpInfo.LAST_DATA_RECV >> 2)]! : 0;
  table.lastAckReceivedMs[row] = has ? words[info + (TcpInfo.LAST_ACK_RECV >> 2)]! : 0;
  table.unacked[row] = has ? words[info + (TcpInfo.UNACKED >> 2)]! : 0;
  const received = infoBytes >= TcpInfo.BYTES_RECEIVED_END;
  table.bytesAcked[row] = received ? readU64(words, info + (TcpInfo.BYTES_ACKED >> 2)) : NOT_TOLD;
  table.bytesReceived[row] = received ? readU64(words, info + (TcpInfo.BYTES_RECEIVED >> 2)) : NOT_TOLD;
  const sent = infoBytes >= TcpInfo.BYTES_RETRANS_END;
  table.bytesSent[row] = sent ? readU64(words, info + (TcpInfo.BYTES_SENT >> 2)) : NOT_TOLD;
  table.bytesRetransmitted[row] = sent ? readU64(words, info + (TcpInfo.BYTES_RETRANS >> 2)) : NOT_TOLD;
  table.bytesNotSent[row] =
    infoBytes >= TcpInfo.NOTSENT_BYTES_END ? words[info + (TcpInfo.NOTSENT_BYTES >> 2)]! : NOT_TOLD;
  const segments = infoBytes >= TcpInfo.DATA_SEGS_END;
  table.dataSegmentsReceived[row] = segments ? words[info + (TcpInfo.DATA_SEGS_IN >> 2)]! : NOT_TOLD;
  table.dataSegmentsSent[row] = segments ? words[info + (TcpInfo.DATA_SEGS_OUT >> 2)]! : NOT_TOLD;
}

/** A 64-bit counter as a double: exact up to 2^53. */
function readU64(words: Uint32Array, at: number): number {
  return words[at]! + words[at + 1]! * 4294967296;
}
