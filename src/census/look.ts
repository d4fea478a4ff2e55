// One look at the kernel's socket table: listeners and their owners, then every connection, counted. Blocks the calling
// thread; scanner.ts decides which thread that is.

import {
  HOST_ROOT,
  NetlinkProtocol,
  noLosses,
  openNetlinkSocket,
  SockDiag,
  SocketTable,
  type SystemRoot,
  type Wanted,
} from "../linux/index.ts";
import { PROFILES, type Profile, profileOfPort, TcpState } from "../model/index.ts";
import type { Census, LookOptions } from "./census.ts";
import { conductByListener, countRows } from "./count.ts";
import { EndpointIndex, readEndpoints } from "./endpoints.ts";
import { findHolders } from "./holders.ts";
import { type Listener, ListenerFinder } from "./listeners.ts";
import { Tally } from "./tally.ts";

const CONNECTED: readonly TcpState[] = Object.values(TcpState).filter(
  (state) => state !== TcpState.LISTEN && state !== TcpState.CLOSE,
);

/** Looks again and again, reusing its socket and its memory. Dispose of it with `using`. */
export class Looker implements Disposable {
  readonly #socket = openNetlinkSocket(NetlinkProtocol.SOCK_DIAG);
  readonly #diag = new SockDiag(this.#socket);
  readonly #root: SystemRoot;
  readonly #finder: ListenerFinder;
  readonly #listening = new SocketTable();
  readonly #connected = new SocketTable();
  readonly #tally = new Tally();
  #listenerOf = new Int32Array(0);

  constructor(root: SystemRoot = HOST_ROOT) {
    this.#root = root;
    this.#finder = new ListenerFinder(root);
  }

  /** `nowMs` is the wall clock, for the census to carry. Throws NetlinkError when the kernel cannot be asked. */
  look(options: LookOptions, nowMs: number): Census {
    const startMs = performance.now();
    const losses = noLosses();
    const dump = (states: readonly TcpState[], table: SocketTable, info: boolean): boolean => {
      const wanted: Wanted = { states, ports: options.ports, info };
      table.clear();
      return this.#diag.dump(wanted, table, losses).consistent;
    };
    dump([TcpState.LISTEN], this.#listening, false);
    const endpoints = readEndpoints(this.#listening);
    const listenedMs = performance.now();
    const { listeners, hiddenProcesses } = this.#finder.find(endpoints, listenedMs);
    const foundMs = performance.now();
    const consistent = dump(CONNECTED, this.#connected, true);
    this.#tally.clear();
    if (this.#listenerOf.length < this.#connected.capacity) {
      this.#listenerOf = new Int32Array(this.#connected.capacity);
    }
    const outbound = countRows(this.#connected, this.#tally, this.#listenerOf, {
      index: new EndpointIndex(endpoints, listenerNumbers(endpoints.length, listeners)),
      profiles: listeners.map(({ port }) => profileFor(port, options)),
      prefixes: options.prefixes,
    });
    const rows = this.#tally.rows();
    const conduct = conductByListener(rows, listeners.length);
    const scanMs = performance.now() - foundMs + listenedMs - startMs;
    return {
      takenAt: nowMs,
      scanMs,
      sockets: this.#connected.length,
      outbound,
      listeners: listeners.map((listener, i) => ({
        name: listener.name,
        endpoints: listener.endpoints,
        processes: listener.processes,
        conduct: conduct[i]!,
      })),
      rows,
      prefixes: options.prefixes,
      holders: options.holders ? findHolders(this.#root, this.#connected, this.#listenerOf) : null,
      hiddenProcesses,
      losses,
      consistent,
    };
  }

  [Symbol.dispose](): void {
    this.#socket[Symbol.dispose]();
  }
}

/** The number of each endpoint's listener. */
function listenerNumbers(endpoints: number, listeners: readonly Listener[]): number[] {
  const numbers = new Array<number>(endpoints);
  for (const [number, { members }] of listeners.entries()) for (const i of members) numbers[i] = number;
  return numbers;
}

/** The profile named in the options, else the port's, with the times that the options set. */
function profileFor(port: number, options: LookOptions): Profile {
  const base = options.profile === null ? profileOfPort(port) : PROFILES[options.profile];
  return {
    name: base.name,
    normalSilenceMs: options.normalSilenceMs ?? base.normalSilenceMs,
    silentForMs: options.silentForMs ?? base.silentForMs,
    stalledForMs: options.stalledForMs ?? base.stalledForMs,
  };
}
