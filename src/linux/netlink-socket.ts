// A netlink socket with blocking calls. Requests go to the kernel; answers come from the kernel and from nobody else.
// It carries bytes and never looks into them.

import { Refusal, reasonOf } from "../model/index.ts";
import * as libc from "./libc.ts";
import { createMessageBuffer, type MessageBuffer } from "./netlink-message.ts";

/** include/uapi/linux/netlink.h */
export const NetlinkProtocol = { SOCK_DIAG: 4, NETFILTER: 12 } as const;
export type NetlinkProtocol = (typeof NetlinkProtocol)[keyof typeof NetlinkProtocol];

/** The part of a netlink socket that a request needs. Tests put canned answers behind it (linux/fakes.ts). */
export interface NetlinkTransport {
  /** The buffer that `receive` fills; valid until the next call. */
  readonly buffer: MessageBuffer;
  /** The socket's own address. The kernel answers to it; messages with another address are not for us. */
  readonly portId: number;
  send(message: Uint8Array): void;
  /** Waits for the next datagram and returns its length in bytes. */
  receive(): number;
}

/** The kernel could not be asked, or did not answer. */
export class NetlinkError extends Refusal {
  readonly code: "unavailable" | "timeout" | "overrun" | "truncated" | "refused";
  readonly operation: string;

  constructor(code: NetlinkError["code"], operation: string, text: string, cause?: unknown) {
    super(`${operation}: ${text}`, cause);
    this.code = code;
    this.operation = operation;
  }
}

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const MSG_TRUNC = 0x20;
const SOCKADDR_NL_BYTES = 12;

const RCVBUFFORCE = { name: "SO_RCVBUFFORCE", level: 1, option: 33 };
const RCVBUF = { name: "SO_RCVBUF", level: 1, option: 8 };
const RCVTIMEO = { name: "SO_RCVTIMEO", level: 1, option: 20 };
const EXT_ACK = { name: "NETLINK_EXT_ACK", level: 270, option: 11 };

// A dump hands over at most 32 KiB a datagram, however large the buffer (af_netlink.c, netlink_dump). Memory of that
// size stays in the processor's cache between the kernel's write and our read.
const BUFFER_BYTES = 64 * 1024;
const RECEIVE_QUEUE_BYTES = 4 * 1024 * 1024;
const RECEIVE_TIMEOUT_MS = 5000;
/** How many datagrams from others than the kernel one receive tolerates. */
const FOREIGN_MAX = 1000;

/** Opens a socket in the calling thread's network namespace. Dispose of it with `using`. */
export function openNetlinkSocket(protocol: NetlinkProtocol): NetlinkSocket {
  return new NetlinkSocket(protocol);
}

export class NetlinkSocket implements NetlinkTransport, Disposable {
  readonly buffer: MessageBuffer = createMessageBuffer(BUFFER_BYTES);
  readonly portId: number;
  /** Datagrams dropped because another process sent them. */
  foreignDatagrams = 0;
  readonly #fd: number;
  readonly #sender = new Uint8Array(SOCKADDR_NL_BYTES);
  readonly #senderWords = new Uint32Array(this.#sender.buffer);
  readonly #kernel = netlinkAddress(0);

  constructor(protocol: NetlinkProtocol) {
    try {
      this.#fd = libc.openSocket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
    } catch (error) {
      throw new NetlinkError("unavailable", "open netlink socket", reasonOf(error), error);
    }
    try {
      libc.bind(this.#fd, netlinkAddress(0));
      this.#setOptions();
      this.portId = ownPortId(this.#fd);
    } catch (error) {
      libc.close(this.#fd);
      throw new NetlinkError("unavailable", "set up netlink socket", reasonOf(error), error);
    }
  }

  send(message: Uint8Array): void {
    try {
      libc.sendTo(this.#fd, message, this.#kernel);
    } catch (error) {
      throw new NetlinkError("refused", "send to the kernel", reasonOf(error), error);
    }
  }

  receive(): number {
    for (let foreign = 0; foreign < FOREIGN_MAX; foreign++) {
      const length = this.#receiveOne();
      // struct sockaddr_nl { family u16, pad u16, nl_pid u32, nl_groups u32 }: the kernel's nl_pid is 0.
      if (this.#senderWords[1] !== 0) {
        this.foreignDatagrams++;
        continue;
      }
      if (length > this.buffer.bytes.length) {
        throw new NetlinkError("truncated", "receive", `a datagram of ${length} bytes does not fit`);
      }
      return length;
    }
    throw new NetlinkError("refused", "receive", `${FOREIGN_MAX} datagrams in a row were not the kernel's`);
  }

  [Symbol.dispose](): void {
    libc.close(this.#fd);
  }

  #receiveOne(): number {
    for (;;) {
      try {
        return libc.receiveFrom(this.#fd, this.buffer.bytes, this.#sender, MSG_TRUNC);
      } catch (error) {
        const errno = error instanceof libc.SyscallError ? error.errno : 0;
        if (errno === libc.Errno.EINTR) continue;
        const code =
          errno === libc.Errno.EAGAIN ? "timeout" : errno === libc.Errno.ENOBUFS ? "overrun" : "refused";
        throw new NetlinkError(code, "receive", reasonOf(error), error);
      }
    }
  }

  #setOptions(): void {
    // A size above net.core.rmem_max needs CAP_NET_ADMIN; without it the largest allowed size must do.
    try {
      libc.setSocketInt(this.#fd, RCVBUFFORCE, RECEIVE_QUEUE_BYTES);
    } catch {
      libc.setSocketInt(this.#fd, RCVBUF, RECEIVE_QUEUE_BYTES);
    }
    const timeval = new BigInt64Array([BigInt(RECEIVE_TIMEOUT_MS / 1000), 0n]);
    libc.setSocketBytes(this.#fd, RCVTIMEO, new Uint8Array(timeval.buffer));
    libc.setSocketInt(this.#fd, EXT_ACK, 1);
  }
}

function netlinkAddress(portId: number): Uint8Array {
  const address = new Uint8Array(SOCKADDR_NL_BYTES);
  const view = new DataView(address.buffer);
  view.setUint16(0, AF_NETLINK, true);
  view.setUint32(4, portId, true);
  return address;
}

function ownPortId(fd: number): number {
  const address = new Uint8Array(SOCKADDR_NL_BYTES);
  libc.socketName(fd, address);
  return new DataView(address.buffer).getUint32(4, true);
}
