// The cheap triggers between scans, in the calling thread's network namespace: how many handshakes have been finished,
// how many descriptors a server has, whether connections wait to be accepted. Read up to fifty times a second, so nothing
// is opened or parsed anew (costs: bench/track.ts).

import {
  HOST_ROOT,
  NetlinkProtocol,
  type NetlinkTransport,
  noLosses,
  openNetlinkSocket,
  PassiveOpens,
  readDescriptorSize,
  SockDiag,
  SocketTable,
  type SystemRoot,
} from "../linux/index.ts";
import { TcpState } from "../model/index.ts";

export interface TriggerReaderOptions {
  readonly root?: SystemRoot;
  readonly transport?: NetlinkTransport & Disposable;
}

/** Keeps its files and its socket open. Dispose of it with `using`. */
export class TriggerReader implements Disposable {
  readonly #root: SystemRoot;
  readonly #opens: PassiveOpens;
  readonly #transport: NetlinkTransport & Disposable;
  readonly #diag: SockDiag;
  readonly #listening = new SocketTable();

  constructor({ root = HOST_ROOT, transport }: TriggerReaderOptions = {}) {
    this.#root = root;
    this.#opens = PassiveOpens.open(root);
    this.#transport = transport ?? openNetlinkSocket(NetlinkProtocol.SOCK_DIAG);
    this.#diag = new SockDiag(this.#transport);
  }

  /** Inbound handshakes finished in the namespace, ever; null where the kernel does not say. */
  readOpens(): number | null {
    return this.#opens.read();
  }

  /** Descriptors that the process has open; null where the kernel does not say at once (before Linux 6.2). */
  readDescriptors(pid: number): number | null {
    return readDescriptorSize(this.#root, pid);
  }

  /** The longest accept queue of the listening sockets on `ports`, or of all. Dearer than the others: it asks for a dump. */
  readQueue(ports: readonly number[] | null): number {
    if (ports?.length === 0) return 0;
    this.#listening.clear();
    this.#diag.dump({ states: [TcpState.LISTEN], ports, info: false }, this.#listening, noLosses());
    let longest = 0;
    for (let row = 0; row < this.#listening.length; row++) {
      longest = Math.max(longest, this.#listening.rqueue[row]!);
    }
    return longest;
  }

  [Symbol.dispose](): void {
    this.#opens[Symbol.dispose]();
    this.#transport[Symbol.dispose]();
  }
}
