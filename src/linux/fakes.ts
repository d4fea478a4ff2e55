// The kernel's stand-ins for tests: a transport with canned answers, and the encoder of those answers. The program
// itself never imports them.

import {
  AF_INET,
  DiagAttribute,
  INET_DIAG_MESSAGE_BYTES,
  SOCK_DIAG_BY_FAMILY,
  TcpInfo,
} from "./inet-diag-layout.ts";
import {
  createMessageBuffer,
  encodeAttribute,
  encodeMessage,
  MessageFlag,
  MessageType,
} from "./netlink-message.ts";
import type { NetlinkTransport } from "./netlink-socket.ts";

/** Any port id; answers must carry it. */
export const FAKE_PORT_ID = 4711;

/** Answers each request with the datagrams that `answer` makes for its sequence number. */
export function fakeTransport(
  answer: (sequence: number, request: Uint8Array) => readonly Uint8Array[],
): NetlinkTransport & { readonly requests: readonly Uint8Array[] } {
  const buffer = createMessageBuffer(64 * 1024);
  const requests: Uint8Array[] = [];
  const queue: Uint8Array[] = [];
  return {
    buffer,
    portId: FAKE_PORT_ID,
    requests,
    send(message) {
      requests.push(message);
      const sequence = new DataView(message.buffer).getUint32(8, true);
      queue.push(...answer(sequence, message));
    },
    receive() {
      const datagram = queue.shift();
      if (datagram === undefined) throw new Error("the fake kernel has nothing more to say");
      buffer.bytes.set(datagram);
      return datagram.length;
    },
  };
}

/** One socket as sock_diag describes it; times in milliseconds. */
export interface FakeSocket {
  readonly family: number;
  readonly state: number;
  readonly timer: number;
  readonly retrans: number;
  readonly localPort: number;
  readonly remotePort: number;
  /** Four bytes for IPv4, sixteen for IPv6. */
  readonly local: Uint8Array;
  readonly remote: Uint8Array;
  readonly interfaceIndex: number;
  readonly cookie: readonly [number, number];
  readonly rqueue: number;
  readonly wqueue: number;
  readonly uid: number;
  readonly inode: number;
  readonly info: FakeTcpInfo | null;
  readonly cgroup: bigint | null;
  readonly v6Only: boolean | null;
}

export interface FakeTcpInfo {
  /** The size of struct tcp_info that the kernel knows: 104 (2.6) to 248 (6.18) and more. */
  readonly bytes: number;
  readonly backoff: number;
  readonly unacked: number;
  readonly lastDataSent: number;
  readonly lastDataReceived: number;
  readonly lastAckReceived: number;
  readonly bytesAcked: bigint;
  readonly bytesReceived: bigint;
  readonly bytesNotSent: number;
  readonly bytesSent: bigint;
  readonly bytesRetransmitted: bigint;
  readonly dataSegmentsReceived: number;
  readonly dataSegmentsSent: number;
}

/** A silent IPv4 connection; `different` changes fields of it. */
export function fakeSocket(different: Partial<FakeSocket> = {}): FakeSocket {
  return {
    family: AF_INET,
    state: 1,
    timer: 0,
    retrans: 0,
    localPort: 5060,
    remotePort: 40_000,
    local: Uint8Array.of(198, 18, 0, 1),
    remote: Uint8Array.of(198, 18, 1, 1),
    interfaceIndex: 0,
    cookie: [1, 0],
    rqueue: 0,
    wqueue: 0,
    uid: 0,
    inode: 1234,
    info: fakeInfo(),
    cgroup: null,
    v6Only: null,
    ...different,
  };
}

export function fakeInfo(different: Partial<FakeTcpInfo> = {}): FakeTcpInfo {
  return {
    bytes: 248,
    backoff: 0,
    unacked: 0,
    lastDataSent: 0,
    lastDataReceived: 0,
    lastAckReceived: 0,
    bytesAcked: 0n,
    bytesReceived: 0n,
    bytesNotSent: 0,
    bytesSent: 0n,
    bytesRetransmitted: 0n,
    dataSegmentsReceived: 0,
    dataSegmentsSent: 0,
    ...different,
  };
}

/** The kernel's answer for one socket, with the attributes in the kernel's order. */
export function encodeSocket(
  socket: FakeSocket,
  sequence: number,
  flags: number = MessageFlag.MULTI,
): Uint8Array {
  const attributes: Uint8Array[] = [];
  // INET_DIAG_SHUTDOWN (8) comes first on every socket, and nobody here reads it.
  attributes.push(encodeAttribute(8, Uint8Array.of(0)));
  if (socket.v6Only !== null)
    attributes.push(encodeAttribute(DiagAttribute.SKV6ONLY, Uint8Array.of(socket.v6Only ? 1 : 0)));
  if (socket.cgroup !== null) attributes.push(encodeAttribute(DiagAttribute.CGROUP_ID, u64(socket.cgroup)));
  if (socket.info !== null) attributes.push(encodeAttribute(DiagAttribute.INFO, encodeTcpInfo(socket.info)));
  const header = { type: SOCK_DIAG_BY_FAMILY, flags, sequence, portId: FAKE_PORT_ID };
  return encodeMessage(header, encodeDiagMessage(socket), ...attributes);
}

/** The end of a dump, or of a failed one with a positive errno. */
export function encodeDone(sequence: number, errno = 0): Uint8Array {
  const header = { type: MessageType.DONE, flags: MessageFlag.MULTI, sequence, portId: FAKE_PORT_ID };
  return encodeMessage(header, new Uint8Array(new Int32Array([-errno]).buffer));
}

/** A refusal with a positive errno. The request's header would follow, but nobody reads it. */
export function encodeError(errno: number, sequence: number): Uint8Array {
  const body = new Uint8Array(20);
  new DataView(body.buffer).setInt32(0, -errno, true);
  return encodeMessage({ type: MessageType.ERROR, flags: 0, sequence, portId: FAKE_PORT_ID }, body);
}

/** Messages as one datagram. */
export function joined(...messages: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(messages));
}

function encodeDiagMessage(socket: FakeSocket): Uint8Array {
  const body = new Uint8Array(INET_DIAG_MESSAGE_BYTES);
  const view = new DataView(body.buffer);
  body.set([socket.family, socket.state, socket.timer, socket.retrans]);
  view.setUint16(4, socket.localPort, false);
  view.setUint16(6, socket.remotePort, false);
  body.set(socket.local, 8);
  body.set(socket.remote, 24);
  view.setUint32(40, socket.interfaceIndex, true);
  view.setUint32(44, socket.cookie[0], true);
  view.setUint32(48, socket.cookie[1], true);
  view.setUint32(56, socket.rqueue, true);
  view.setUint32(60, socket.wqueue, true);
  view.setUint32(64, socket.uid, true);
  view.setUint32(68, socket.inode, true);
  return body;
}

function encodeTcpInfo(info: FakeTcpInfo): Uint8Array {
  // The fields are written at full length, then cut to what the kernel knows.
  const bytes = new Uint8Array(Math.max(info.bytes, TcpInfo.BYTES_RETRANS_END));
  const view = new DataView(bytes.buffer);
  bytes[TcpInfo.BACKOFF] = info.backoff;
  view.setUint32(TcpInfo.UNACKED, info.unacked, true);
  view.setUint32(TcpInfo.LAST_DATA_SENT, info.lastDataSent, true);
  view.setUint32(TcpInfo.LAST_DATA_RECV, info.lastDataReceived, true);
  view.setUint32(TcpInfo.LAST_ACK_RECV, info.lastAckReceived, true);
  view.setBigUint64(TcpInfo.BYTES_ACKED, info.bytesAcked, true);
  view.setBigUint64(TcpInfo.BYTES_RECEIVED, info.bytesReceived, true);
  view.setUint32(TcpInfo.NOTSENT_BYTES, info.bytesNotSent, true);
  view.setUint32(TcpInfo.DATA_SEGS_IN, info.dataSegmentsReceived, true);
  view.setUint32(TcpInfo.DATA_SEGS_OUT, info.dataSegmentsSent, true);
  view.setBigUint64(TcpInfo.BYTES_SENT, info.bytesSent, true);
  view.setBigUint64(TcpInfo.BYTES_RETRANS, info.bytesRetransmitted, true);
  return bytes.slice(0, info.bytes);
}

function u64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  return bytes;
}
