// One scan of the kernel's socket table: listeners and their owners, then every connection, counted. Blocks the calling
// thread; scanner.ts decides which thread that is.

import { HOST_ROOT, type NetlinkTransport, noLosses, type SystemRoot } from "../linux/index.ts";
import { PROFILES, type Profile, profileOfPort } from "../model/index.ts";
import type { Census, ListenerCensus, ScanOptions } from "./census.ts";
import { conductByListener, countRows } from "./count.ts";
import { type Endpoint, EndpointIndex } from "./endpoints.ts";
import { findHolders } from "./holders.ts";
import { type FoundListeners, type Listener, ListenerFinder } from "./listeners.ts";
import { SocketDumps } from "./socket-dumps.ts";
import { countSpeech, mannersOf } from "./speech.ts";
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

  /** `nowMs` is the wall clock, for the census to carry. Throws NetlinkError when the kernel cannot be asked. */
  scan(options: ScanOptions, nowMs: number): Census {
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
      listeners: listenerCensuses(found.listeners, rows),
      rows,
      prefixes: options.prefixes,
      speech: options.speech ? this.#hear(found, options) : null,
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

  /** What the connections just counted have said, by row of the tally. */
  #hear(found: FoundListeners, options: ScanOptions): Uint32Array<ArrayBuffer> {
    const tally = this.#tally.rows();
    const manners = found.listeners.map(({ port }) => mannersOf(profileFor(port, options), port));
    return countSpeech(this.#dumps.connected, { rowOf: this.#rowOf, tally, manners });
  }
}

function listenerCensuses(listeners: readonly Listener[], rows: TallyRows): ListenerCensus[] {
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
function profileFor(port: number, options: ScanOptions): Profile {
  const base = options.profile === null ? profileOfPort(port) : PROFILES[options.profile];
  return {
    ...base,
    normalSilenceMs: options.normalSilenceMs ?? base.normalSilenceMs,
    silentForMs: options.silentForMs ?? base.silentForMs,
    stalledForMs: options.stalledForMs ?? base.stalledForMs,
  };
}
