// Asks the kernel for its TCP sockets. Needs no privilege: tcp_info and inodes of all users are handed to everybody.

import type { TcpState } from "../model/index.ts";
import { type DecodeLosses, type DecodeOutcome, decodeDump } from "./inet-diag-decode.ts";
import { AF_INET, AF_INET6 } from "./inet-diag-layout.ts";
import { encodeDumpRequest } from "./inet-diag-request.ts";
import { Errno } from "./libc.ts";
import { NetlinkError, type NetlinkTransport } from "./netlink-socket.ts";
import { type SocketTable, TABLE_ROWS_MAX } from "./socket-table.ts";

export interface Wanted {
  readonly states: readonly TcpState[];
  /** Local ports, or null for all. */
  readonly ports: readonly number[] | null;
  readonly info: boolean;
}

/** The result of a dump. */
export interface DumpReport {
  datagrams: number;
  bytes: number;
  /** Dumps thrown away because the table changed under them. */
  retries: number;
  /** False if the last try was interrupted too: the rows are kept, but may miss or repeat a socket. */
  consistent: boolean;
}

const INTERRUPTED_TRIES = 3;
/**
 * The bound of a dump. No dump that fits the table needs as many, and a kernel that never says DONE must not hold the
 * thread for ever.
 */
const DATAGRAMS_MAX = TABLE_ROWS_MAX / 4;

export class SockDiag {
  readonly #transport: NetlinkTransport;
  #sequence = 0;

  constructor(transport: NetlinkTransport) {
    this.#transport = transport;
  }

  /** Appends the wanted sockets of both families to `table`. Throws NetlinkError when the kernel says no. */
  dump(wanted: Wanted, table: SocketTable, losses: DecodeLosses): DumpReport {
    const report: DumpReport = { datagrams: 0, bytes: 0, retries: 0, consistent: true };
    for (const family of [AF_INET, AF_INET6]) this.#dumpFamily(family, wanted, table, losses, report);
    return report;
  }

  #dumpFamily(
    family: number,
    wanted: Wanted,
    table: SocketTable,
    losses: DecodeLosses,
    report: DumpReport,
  ): void {
    const before = table.length;
    for (let attempt = 1; attempt <= INTERRUPTED_TRIES; attempt++) {
      if (this.#dumpOnce(family, wanted, table, losses, report)) return;
      if (attempt === INTERRUPTED_TRIES) break;
      table.length = before;
      report.retries++;
    }
    report.consistent = false;
  }

  /** Dumps once. Returns false if the dump was interrupted. */
  #dumpOnce(
    family: number,
    wanted: Wanted,
    table: SocketTable,
    losses: DecodeLosses,
    report: DumpReport,
  ): boolean {
    const transport = this.#transport;
    const expected = { sequence: ++this.#sequence, portId: transport.portId };
    transport.send(encodeDumpRequest({ family, ...wanted, sequence: expected.sequence }));
    let consistent = true;
    for (let datagrams = 0; datagrams < DATAGRAMS_MAX; datagrams++) {
      const length = transport.receive();
      report.datagrams++;
      report.bytes += length;
      const outcome = decodeDump(transport.buffer, length, expected, table, losses);
      if (outcome.kind === "error") throw dumpError(outcome);
      consistent &&= !outcome.interrupted;
      if (outcome.kind === "done") return consistent;
    }
    throw new NetlinkError("overrun", "dump TCP sockets", `no end after ${DATAGRAMS_MAX} datagrams`);
  }
}

function dumpError({ errno }: Extract<DecodeOutcome, { kind: "error" }>): NetlinkError {
  const missing = errno === Errno.ENOENT || errno === Errno.EOPNOTSUPP;
  const text = missing
    ? "this kernel has no inet_diag for TCP (CONFIG_INET_DIAG, module tcp_diag)"
    : `the kernel refused with errno ${errno}`;
  return new NetlinkError(missing ? "unavailable" : "refused", "dump TCP sockets", text);
}
