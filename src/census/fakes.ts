// Socket tables and kernels for tests, made of the answers that the kernel would give.

import {
  encodeDone,
  encodeSocket,
  FAKE_PORT_ID,
  type FakeSocket,
  fakeSocket,
  fakeTransport,
  joined,
} from "../linux/fakes.ts";
import { AF_INET, AF_INET6, SocketTable } from "../linux/index.ts";
import { decodeDump, noLosses } from "../linux/inet-diag-decode.ts";
import { messageBufferOf } from "../linux/netlink-message.ts";
import { parseAddress } from "../model/index.ts";

/** A table with one row a socket. */
export function tableOf(...sockets: readonly Partial<FakeSocket>[]): SocketTable {
  const table = new SocketTable();
  for (const socket of sockets) {
    const message = encodeSocket(fakeSocket(socket), 1);
    decodeDump(
      messageBufferOf(message),
      message.length,
      { sequence: 1, portId: FAKE_PORT_ID },
      table,
      noLosses(),
    );
  }
  return table;
}

/** The fields of a socket between two addresses; `::ffff:` ones make a socket of a dual-stack program. */
export function between(
  local: string,
  localPort: number,
  remote: string,
  remotePort: number,
): Partial<FakeSocket> {
  const ipv6 = local.includes(":");
  const bytes = (text: string): Uint8Array => parseAddress(text)!.slice(ipv6 ? 0 : 12);
  return {
    family: ipv6 ? AF_INET6 : AF_INET,
    local: bytes(local),
    remote: bytes(remote),
    localPort,
    remotePort,
  };
}

/** A kernel that has these sockets, by family and state; like the real one without a filter it gives every port. */
export function kernelWith(
  sockets: readonly Partial<FakeSocket>[],
): ReturnType<typeof fakeTransport> & Disposable {
  const transport = fakeTransport((sequence, request) => {
    const view = new DataView(request.buffer);
    const [family, states] = [request[16], view.getUint32(20, true)];
    const wanted = sockets
      .map((socket) => fakeSocket(socket))
      .filter((socket) => socket.family === family && (states & (1 << socket.state)) !== 0);
    // Few a datagram: the buffer of the fake holds 64 KiB.
    const datagrams = Array.from({ length: Math.ceil(wanted.length / 100) }, (_, i) =>
      joined(...wanted.slice(100 * i, 100 * (i + 1)).map((socket) => encodeSocket(socket, sequence))),
    );
    return [...datagrams, encodeDone(sequence)];
  });
  return { ...transport, [Symbol.dispose]: () => {} };
}
