// Records what the kernel answers to a dump of all TCP sockets, for src/linux/fixtures:
//
//    node tools/record-dump.ts FILE        in the network namespace to be recorded
//
// The file holds the datagrams one after another, as they came.

import { writeFileSync } from "node:fs";
import { AF_INET, AF_INET6 } from "../src/linux/inet-diag-layout.ts";
import { encodeDumpRequest } from "../src/linux/inet-diag-request.ts";
import { MessageType } from "../src/linux/netlink-message.ts";
import { NetlinkProtocol, openNetlinkSocket } from "../src/linux/netlink-socket.ts";
import { TcpState } from "../src/model/index.ts";

const file = process.argv[2];
if (file === undefined) throw new Error("usage: node tools/record-dump.ts FILE");

using socket = openNetlinkSocket(NetlinkProtocol.SOCK_DIAG);
const datagrams: Uint8Array[] = [];
for (const family of [AF_INET, AF_INET6]) {
  const request = { family, states: Object.values(TcpState), ports: null, info: true, sequence: family };
  socket.send(encodeDumpRequest(request));
  let type: number;
  do {
    const length = socket.receive();
    datagrams.push(socket.buffer.bytes.slice(0, length));
    type = new DataView(socket.buffer.bytes.buffer).getUint16(4, true);
  } while (type !== MessageType.DONE && type !== MessageType.ERROR);
}
writeFileSync(file, Buffer.concat(datagrams));
