// One process of bench/scan.ts: scans again and again in the namespace where it is started, and prints one line of JSON
// with the milliseconds of each round and of its parts. Usage: scan-rounds ROUNDS

import { CensusTaker } from "../src/census/census-taker.ts";
import { EVERYTHING } from "../src/census/index.ts";
import { NetlinkProtocol, openNetlinkSocket } from "../src/linux/index.ts";

const rounds = Number(process.argv[2]);
// The kernel's part is timed between the taker and its socket. A dump begins in sendto() already: the kernel fills the
// first datagram there.
const netlink = openNetlinkSocket(NetlinkProtocol.SOCK_DIAG);
let inKernelMs = 0;
function timed<T>(call: () => T): T {
  const startMs = performance.now();
  try {
    return call();
  } finally {
    inKernelMs += performance.now() - startMs;
  }
}
const transport = {
  buffer: netlink.buffer,
  portId: netlink.portId,
  send: (message: Uint8Array): void => timed(() => netlink.send(message)),
  receive: (): number => timed(() => netlink.receive()),
  [Symbol.dispose]: (): void => netlink[Symbol.dispose](),
};

const ms: number[] = [];
const kernelMs: number[] = [];
using taker = new CensusTaker({ transport });
let sockets = 0;
let sourceRows = 0;
for (let round = 0; round < rounds; round++) {
  inKernelMs = 0;
  const census = taker.scan(EVERYTHING, 0);
  ms.push(census.scanMs);
  kernelMs.push(inKernelMs);
  sockets = census.sockets;
  sourceRows = census.rows.length;
}
process.stdout.write(`${JSON.stringify({ ms, kernelMs, sockets, sources: sourceRows })}\n`);
