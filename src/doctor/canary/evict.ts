// Run by the self-test inside its own namespace: destroys every established connection from one address to one port, and
// says as JSON how that went. Refuses to do anything in any other namespace.
//
//   node evict.ts NAMESPACE PORT ADDRESS

import { readlinkSync } from "node:fs";
import {
  NetlinkError,
  NetlinkProtocol,
  noLosses,
  openNetlinkSocket,
  SockDestroyer,
  SockDiag,
  SocketTable,
  socketId,
} from "../../linux/index.ts";
import { formatAddress, TcpState } from "../../model/index.ts";
import type { CanaryEviction } from "./command.ts";

const [namespace, port, address] = process.argv.slice(2);

function evict(): CanaryEviction {
  if (readlinkSync("/proc/self/ns/net") !== namespace)
    return { kind: "refused", reason: "not in the canary's namespace" };
  try {
    using transport = openNetlinkSocket(NetlinkProtocol.SOCK_DIAG);
    const table = new SocketTable();
    const wanted = { states: [TcpState.ESTABLISHED], ports: [Number(port)], info: false };
    new SockDiag(transport).dump(wanted, table, noLosses());
    const ids = Array.from({ length: table.length }, (_, row) => row)
      .filter((row) => addressOf(table, row) === address)
      .map((row) => socketId(table, row));
    return { kind: "evicted", asked: ids.length, ...new SockDestroyer(transport).destroy(ids) };
  } catch (error) {
    if (error instanceof NetlinkError) return { kind: "refused", reason: error.message };
    throw error;
  }
}

function addressOf(table: SocketTable, row: number): string {
  return formatAddress(new Uint8Array(table.remote.slice(4 * row, 4 * row + 4).buffer));
}

process.stdout.write(`${JSON.stringify(evict())}\n`);
