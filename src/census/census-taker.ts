// One scan of the kernel's socket table: listeners and their owners, then every connection, counted. Blocks the calling
// thread; scanner.ts decides which thread that is.

import {
  HOST_ROOT,
  type NetlinkTransport,
  noLosses,
  type SocketTable,
  type SystemRoot,
} from "../linux/index.ts";
import { PROFILES, type Profile, profileOfPort, withTimes } from "../model/index.ts";
import type { Counted, CountedListener, ScanOptions } from "./census.ts";
import { conductByListener, countRows } from "./count.ts";
import { type Endpoint, EndpointIndex } from "./endpoints.ts";
import { findHolders } from "./holders.ts";
import { type FoundListeners, type Listener, ListenerFinder } from "./listeners.ts";
import { SocketDumps } from "./socket-dumps.ts";
import { Tally, type TallyRows } from "./tally.ts";

export interface CensusTakerOptions {
  readonly root?: SystemRoot;
  /** The way to the kernel; the calling thread's own socket unless given. */
  readonly transport?: NetlinkTransport & Disposable;
}

/** Scans again and again, reusing its socket and its memory. Dispose of it with `using`. */
export class CensusTaker implements Disposable {
  readonly #dumps: SocketDumps;
  readonly #root: SystemRoot;
  readonly #finder: ListenerFinder;
  readonly #tally = new Tally();
  #rowOf = new Int32Array(0);
  #index = new EndpointIndex([], []);
  #indexKey = "";

  constructor({ root = HOST_ROOT, transport }: CensusTakerOptions = {}) {
    this.#root = root;
    this.#finder = new ListenerFinder(root);
    this.#dumps = new SocketDumps(root, transport);
  }

  /** The sockets of the last scan. */
  get table(): SocketTable {
    return this.#dumps.connected;
  }

  /** By row of `table`: its row among the census's, or NO_ROW. */
  get rowOf(): Int32Array {
    return this.#rowOf;
  }

  /** `nowMs` is the wall clock, for the census to carry. Throws NetlinkError when the kernel cannot be asked. */
  scan(options: ScanOptions, nowMs: number): Counted {
    const losses = noLosses();
    const startMs = performance.now();
    const endpoints = this.#dumps.endpoints(options.ports, losses);
    const listenedMs = performance.now();
    const found = this.#finder.find(endpoints, listenedMs);
    const foundMs = performance.now();
    const consistent = this.#dumps.connections(options.ports, losses);
    const outbound = this.#count(endpoints, found, options);
    const rows = this.#tally.rows();
    const scanMs = performance.now() - foundMs + listenedMs - startMs;
    return {
      takenAt: nowMs,
      scanMs,
      sockets: this.#dumps.connected.length,
      outbound,
      listeners: countedListeners(found.listeners, rows),
      rows,
      prefixes: options.prefixes,
      holders: options.holders
        ? findHolders(this.#root, this.#dumps.connected, { rowOf: this.#rowOf, tally: rows })
        : null,
      hiddenProcesses: found.hiddenProcesses,
      losses,
      consistent,
    };
  }

  [Symbol.dispose](): void {
    this.#dumps[Symbol.dispose]();
  }

  /** Fills the tally anew. Returns how many sockets are outbound. */
  #count(endpoints: readonly Endpoint[], found: FoundListeners, options: ScanOptions): number {
    if (found.key !== this.#indexKey) {
      this.#index = new EndpointIndex(endpoints, listenerNumbers(endpoints.length, found.listeners));
      this.#indexKey = found.key;
    }
    const { connected } = this.#dumps;
    if (this.#rowOf.length < connected.capacity) this.#rowOf = new Int32Array(connected.capacity);
    this.#tally.clear();
    return countRows(connected, this.#tally, this.#rowOf, {
      index: this.#index,
      profiles: profilesOf(found, options),
      prefixes: options.prefixes,
    });
  }
}

function countedListeners(listeners: readonly Listener[], rows: TallyRows): CountedListener[] {
  const conduct = conductByListener(rows, listeners.length);
  return listeners.map(({ name, endpoints, processes }, i) => ({
    name,
    endpoints,
    processes,
    conduct: conduct[i]!,
  }));
}

/** The number of each endpoint's listener. */
function listenerNumbers(endpoints: number, listeners: readonly Listener[]): number[] {
  const numbers = new Array<number>(endpoints);
  for (const [number, { members }] of listeners.entries()) for (const i of members) numbers[i] = number;
  return numbers;
}

function profilesOf(found: FoundListeners, options: ScanOptions): Profile[] {
  return found.listeners.map(({ port }) => profileFor(port, options));
}

/** The profile named in the options, else the port's, with the times that the options set. */
export function profileFor(port: number, options: ScanOptions): Profile {
  const base = options.profile === null ? profileOfPort(port) : PROFILES[options.profile];
  return withTimes(base, options);
}
