// Evicts sockets: asks the kernel to destroy them (SOCK_DESTROY, Linux 4.5, CONFIG_INET_DIAG_DESTROY). The peer gets a
// RST, the program ECONNABORTED, and the descriptor is free once the program closes it. Each socket has a request with
// its full id and cookie, so that a new connection with the same addresses and ports is never hit in its place.

import { AF_INET, INET_DIAG_REQUEST_BYTES, IPPROTO_TCP, SOCK_DESTROY } from "./inet-diag-layout.ts";
import { Errno, errorText } from "./libc.ts";
import { type Acknowledged, decodeAcknowledgement } from "./netlink-ack.ts";
import { encodeMessage, MessageFlag, NLMSG_HEADER_BYTES } from "./netlink-message.ts";
import { NetlinkError, type NetlinkTransport } from "./netlink-socket.ts";
import type { SocketTable } from "./socket-table.ts";

/** Names one socket for ever. An address has 4 words, as in SocketTable. */
export interface SocketId {
  /** AF_INET or AF_INET6, as the socket was opened. */
  readonly family: number;
  readonly localPort: number;
  readonly remotePort: number;
  readonly local: Uint32Array;
  readonly remote: Uint32Array;
  readonly interfaceIndex: number;
  readonly cookie: readonly [number, number];
}

/** The counts of an eviction. Their sum is the number of sockets asked for. */
export interface Destroyed {
  readonly destroyed: number;
  /** Gone before: closed meanwhile, or replaced by another socket. */
  readonly gone: number;
}

/** The counts of an eviction of many. Their sum is the number of rows asked for. */
export interface RowsDestroyed extends Destroyed {
  readonly refused: number;
  /** The first refusal; null if none was refused. */
  readonly refusal: NetlinkError | null;
}

/** A copy of one row's id, so that the table may be used for the next scan. */
export function socketId(table: SocketTable, row: number): SocketId {
  return {
    family: table.family[row]!,
    localPort: table.localPort[row]!,
    remotePort: table.remotePort[row]!,
    local: table.local.slice(4 * row, 4 * row + 4),
    remote: table.remote.slice(4 * row, 4 * row + 4),
    interfaceIndex: table.interfaceIndex[row]!,
    cookie: [table.cookieLow[row]!, table.cookieHigh[row]!],
  };
}

/** The request for one socket: struct inet_diag_req_v2 with its id filled in. */
export function encodeDestroyRequest(id: SocketId, sequence: number): Uint8Array {
  const body = new Uint8Array(INET_DIAG_REQUEST_BYTES);
  const view = new DataView(body.buffer);
  body[0] = id.family;
  body[1] = IPPROTO_TCP;
  view.setUint32(4, 0xffff_ffff, true);
  view.setUint16(8, id.localPort, false);
  view.setUint16(10, id.remotePort, false);
  setAddress(view, 12, id.family, id.local);
  setAddress(view, 28, id.family, id.remote);
  view.setUint32(44, id.interfaceIndex, true);
  view.setUint32(48, id.cookie[0], true);
  view.setUint32(52, id.cookie[1], true);
  const flags = MessageFlag.REQUEST | MessageFlag.ACK;
  return encodeMessage({ type: SOCK_DESTROY, flags, sequence }, body);
}

/** Writes an address. That of an IPv4 socket is its last word (::ffff:a.b.c.d), in the first place. */
function setAddress(view: DataView, offset: number, family: number, address: Uint32Array): void {
  if (family === AF_INET) view.setUint32(offset, address[3]!, true);
  else for (let i = 0; i < 4; i++) view.setUint32(offset + 4 * i, address[i]!, true);
}

/**
 * Does the same as encodeDestroyRequest() for row `row`, into `words` from word `at` on. The memory is the caller's;
 * nothing is allocated.
 */
function writeDestroyRequest(words: Uint32Array, at: number, table: SocketTable, row: number): void {
  const family = table.family[row]!;
  words[at] = DESTROY_MESSAGE_BYTES;
  words[at + 1] = SOCK_DESTROY | ((MessageFlag.REQUEST | MessageFlag.ACK) << 16);
  // The port id stays 0; the batch sets the sequence number.
  words[at + 4] = family | (IPPROTO_TCP << 8);
  words[at + 5] = 0xffff_ffff;
  words[at + 6] = swapped(table.localPort[row]!) | (swapped(table.remotePort[row]!) << 16);
  // An IPv4 address is the last of its four words (::ffff:a.b.c.d), and is written first.
  const first = family === AF_INET ? 3 : 0;
  for (let i = 0; i < 4; i++) {
    const there = first + i < 4;
    words[at + 7 + i] = there ? table.local[4 * row + first + i]! : 0;
    words[at + 11 + i] = there ? table.remote[4 * row + first + i]! : 0;
  }
  words[at + 15] = table.interfaceIndex[row]!;
  words[at + 16] = table.cookieLow[row]!;
  words[at + 17] = table.cookieHigh[row]!;
}

function swapped(port: number): number {
  return ((port & 0xff) << 8) | (port >> 8);
}

const DESTROY_MESSAGE_BYTES = NLMSG_HEADER_BYTES + INET_DIAG_REQUEST_BYTES;
const MESSAGE_WORDS = DESTROY_MESSAGE_BYTES / 4;
/**
 * Requests in one datagram. The kernel answers each in a datagram of its own before send() returns, and each takes
 * about 1 KiB of our receive queue (4 MiB). A larger number saves nothing that can be measured.
 */
const BATCH_ROWS = 256;

const OPERATION = "destroy a TCP socket";
/** How many answers to earlier requests one wait tolerates. */
const STALE_MAX = 100;

export class SockDestroyer {
  readonly #transport: NetlinkTransport;
  readonly #batch = new Uint32Array(BATCH_ROWS * MESSAGE_WORDS);
  #sequence = 0;

  constructor(transport: NetlinkTransport) {
    this.#transport = transport;
  }

  /** Destroys these sockets in the transport's namespace. Throws NetlinkError at the first refusal. */
  destroy(ids: readonly SocketId[]): Destroyed {
    let destroyed = 0;
    for (const id of ids) if (this.#destroyOne(id)) destroyed++;
    return { destroyed, gone: ids.length - destroyed };
  }

  /**
   * Destroys the first `count` of `rows` of a table: many requests a datagram, and no object for a socket. A refusal
   * does not end it. It throws a refusal that would hold for all of them (no rights, no such thing in this kernel).
   */
  destroyRows(table: SocketTable, rows: Uint32Array, count: number = rows.length): RowsDestroyed {
    const tally = { destroyed: 0, gone: 0, refused: 0, refusal: null as NetlinkError | null };
    for (let from = 0; from < count; from += BATCH_ROWS) {
      this.#destroyBatch(table, rows.subarray(from, Math.min(from + BATCH_ROWS, count)), tally);
    }
    return tally;
  }

  #destroyBatch(table: SocketTable, rows: Uint32Array, tally: AnswerCounts): void {
    const first = this.#sequence + 1;
    this.#sequence += rows.length;
    for (let i = 0; i < rows.length; i++) {
      const at = i * MESSAGE_WORDS;
      writeDestroyRequest(this.#batch, at, table, rows[i]!);
      this.#batch[at + 2] = first + i;
    }
    this.#transport.send(new Uint8Array(this.#batch.buffer, 0, rows.length * DESTROY_MESSAGE_BYTES));
    for (let i = 0; i < rows.length; i++) countAnswer(this.#answer(first + i), tally);
  }

  #destroyOne(id: SocketId): boolean {
    const sequence = ++this.#sequence;
    this.#transport.send(encodeDestroyRequest(id, sequence));
    const { errno, words } = this.#answer(sequence);
    if (errno === 0) return true;
    if (errno === Errno.ENOENT) return false;
    throw destroyRefusal(errno, words);
  }

  #answer(sequence: number): Acknowledged {
    const { buffer, portId } = this.#transport;
    for (let stale = 0; stale < STALE_MAX; stale++) {
      const answer = decodeAcknowledgement(buffer, this.#transport.receive(), { sequence, portId });
      if (answer !== null) return answer;
    }
    throw new NetlinkError("refused", OPERATION, `no answer among ${STALE_MAX} datagrams`);
  }
}

interface AnswerCounts {
  destroyed: number;
  gone: number;
  refused: number;
  refusal: NetlinkError | null;
}

function countAnswer({ errno, words }: Acknowledged, tally: AnswerCounts): void {
  if (errno === 0) tally.destroyed++;
  else if (errno === Errno.ENOENT) tally.gone++;
  else if (errno === Errno.EPERM || errno === Errno.EOPNOTSUPP) throw destroyRefusal(errno, words);
  else {
    tally.refused++;
    tally.refusal ??= destroyRefusal(errno, words);
  }
}

function destroyRefusal(errno: number, words: string | null): NetlinkError {
  if (errno === Errno.EOPNOTSUPP) {
    const text = "this kernel cannot (CONFIG_INET_DIAG_DESTROY, Linux 4.5 and later)";
    return new NetlinkError("unavailable", OPERATION, text);
  }
  const said = words === null ? errorText(errno) : `${words}: ${errorText(errno)}`;
  const hint = errno === Errno.EPERM ? "; it takes CAP_NET_ADMIN (root)" : "";
  return new NetlinkError("refused", OPERATION, `${said}${hint}`);
}
