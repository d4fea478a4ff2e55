// The two dumps of a scan, into tables that are reused from scan to scan: who listens, and who is connected.

import {
  type DecodeLosses,
  NetlinkProtocol,
  type NetlinkTransport,
  openNetlinkSocket,
  readTcpSocketCount,
  SockDiag,
  SocketTable,
  type SystemRoot,
  type Wanted,
} from "../linux/index.ts";
import { TcpState } from "../model/index.ts";
import { type Endpoint, readEndpoints } from "./endpoints.ts";

/** The socket table grows while it is read, and counts here and there differ by some. */
const ROOM_TO_SPARE = 1.1;

const CONNECTED: readonly TcpState[] = Object.values(TcpState).filter(
  (state) => state !== TcpState.LISTEN && state !== TcpState.CLOSE,
);

export class SocketDumps implements Disposable {
  /** What the last call of connections() found. */
  readonly connected: SocketTable = new SocketTable();
  readonly #listening = new SocketTable();
  readonly #transport: NetlinkTransport & Disposable;
  readonly #diag: SockDiag;
  readonly #root: SystemRoot;

  constructor(root: SystemRoot, transport?: NetlinkTransport & Disposable) {
    this.#root = root;
    this.#transport = transport ?? openNetlinkSocket(NetlinkProtocol.SOCK_DIAG);
    this.#diag = new SockDiag(this.#transport);
  }

  /** The listening sockets on `ports`, or on all. */
  endpoints(ports: readonly number[] | null, losses: DecodeLosses): Endpoint[] {
    this.#dump({ states: [TcpState.LISTEN], ports, info: false }, this.#listening, losses);
    return readEndpoints(this.#listening);
  }

  /** Fills `connected` anew. Returns whether it is one consistent picture. */
  connections(ports: readonly number[] | null, losses: DecodeLosses): boolean {
    this.#makeRoom();
    return this.#dump({ states: CONNECTED, ports, info: true }, this.connected, losses);
  }

  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }

  /** Before the first dump: growing by doubling would leave half as much again behind. */
  #makeRoom(): void {
    if (this.connected.capacity === 0) {
      this.connected.reserve(Math.ceil(ROOM_TO_SPARE * readTcpSocketCount(this.#root)));
    }
  }

  #dump(wanted: Wanted, table: SocketTable, losses: DecodeLosses): boolean {
    table.clear();
    return this.#diag.dump(wanted, table, losses).consistent;
  }
}
