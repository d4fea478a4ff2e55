// Socket tables for tests, made of the answers that the kernel would give.

import { encodeSocket, FAKE_PORT_ID, type FakeSocket, fakeSocket } from "../linux/fakes.ts";
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
