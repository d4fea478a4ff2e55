// Scan after scan of the listeners that policies select, with a memory of every connection between them. Blocks the calling
// thread, which is one of its own in the daemon and may stand in another network namespace.

import type { ReadProgramLimit } from "../census/index.ts";
import { EndpointIndex, ListenerFinder, SlotBook, SocketDumps } from "../census/index.ts";
import {
  HOST_ROOT,
  type NetlinkTransport,
  noLosses,
  readDescriptorCount,
  type SocketTable,
  type SystemRoot,
  threadCpuMs,
} from "../linux/index.ts";
import {
  type Eviction,
  type ListenerPolicy,
  type Network,
  PROOF_COUNT,
  PROOFS,
  type ProofCounts,
  type SourcePrefixes,
} from "../model/index.ts";
import { portsToAsk, type SelectedListeners, selectListeners } from "./selected-listeners.ts";
import { Selection } from "./selection.ts";
import { TrackCount } from "./track-count.ts";
import type { TrackedCensus, TrackedListener } from "./tracked-census.ts";

export interface TrackerOptions {
  readonly root?: SystemRoot;
  /** The way to the kernel; the calling thread's own socket unless given. */
  readonly transport?: NetlinkTransport & Disposable;
  /** A monotonic clock in milliseconds: ages must not jump when somebody sets the wall clock. */
  readonly now?: () => number;
  /** Asked once in an owner's life, between scans' counting; nobody knows of any limit unless given. Must not throw. */
  readonly readProgramLimit?: ReadProgramLimit;
}

/** What one source holds on one listener. */
export interface HeldConnections {
  readonly listener: string;
  readonly proofs: ProofCounts;
}

/** Scans again and again, remembering. Dispose of it with `using`. */
export class Tracker implements Disposable {
  readonly #dumps: SocketDumps;
  readonly #finder: ListenerFinder;
  readonly #now: () => number;
  readonly #count = new TrackCount();
  readonly #slots: SlotBook;
  #index = new EndpointIndex([], []);
  #indexKey = "";
  #census: TrackedCensus | null = null;
  #selection: Selection | null = null;

  constructor({
    root = HOST_ROOT,
    transport,
    now = () => performance.now(),
    readProgramLimit = () => null,
  }: TrackerOptions = {}) {
    this.#slots = new SlotBook(readProgramLimit, (pid) => readDescriptorCount(root, pid));
    this.#finder = new ListenerFinder(root);
    this.#dumps = new SocketDumps(root, transport);
    this.#now = now;
  }

  /** The sockets of the last scan: what the rows of select() are numbers of. */
  get table(): SocketTable {
    return this.#dumps.connected;
  }

  /** Connections whose history was not kept for want of room, ever. */
  get forgotten(): number {
    return this.#count.prover.history.dropped;
  }

  /**
   * Scans the listeners that `policies` select, or at all. `nowMs` is the wall clock, for the census to carry. Throws
   * NetlinkError when the kernel cannot be asked; histories then stay as they were. The census's rows are columns that the
   * next scan uses again, like `table`.
   */
  scan(policies: readonly ListenerPolicy[] | null, prefixes: SourcePrefixes, nowMs: number): TrackedCensus {
    const losses = noLosses();
    const ports = portsToAsk(policies);
    const nobody = ports?.length === 0;
    const startMs = performance.now();
    const startCpuMs = threadCpuMs();
    const endpoints = nobody ? [] : this.#dumps.endpoints(ports, losses);
    const listenedMs = performance.now();
    const listenedCpuMs = threadCpuMs();
    const found = this.#finder.find(endpoints, listenedMs);
    const selected = selectListeners(policies, endpoints, found);
    this.#selection = null;
    this.#census = null;
    const foundMs = performance.now();
    const foundCpuMs = threadCpuMs();
    if (selected.key !== this.#indexKey) {
      this.#index = new EndpointIndex(endpoints, selected.listenerOf);
      this.#indexKey = selected.key;
    }
    // Ages are as of the dump's beginning: late rather than early, as all that is judged by them.
    const clockMs = this.#now();
    if (nobody) this.table.clear();
    const consistent = nobody || this.#dumps.connections(ports, losses);
    this.#countAll(selected, prefixes, clockMs);
    const rows = this.#count.rows(nowMs);
    const scanMs = performance.now() - foundMs + listenedMs - startMs;
    const cpuMs = threadCpuMs() - foundCpuMs + listenedCpuMs - startCpuMs;
    const listeners = this.#describe(selected, clockMs);
    const sockets = this.table.length;
    this.#census = { takenAt: nowMs, scanMs, cpuMs, sockets, listeners, rows, prefixes, losses, consistent };
    return this.#census;
  }

  /**
   * The rows of `table` that an eviction means, worst first as its proofs say, newest first within one; at most its
   * `max`. Empty before the first scan. Written to `into` where they fit, else to an array of their own.
   */
  select(eviction: Eviction, into?: Uint32Array): Uint32Array {
    const rows = this.#select()?.select(eviction) ?? new Uint32Array(0);
    if (into === undefined || into.length < rows.length) return rows;
    into.set(rows);
    return into.subarray(0, rows.length);
  }

  /** Rows that select() has given and that are gone now: another eviction of the same scan means others. */
  evicted(rows: Uint32Array): void {
    this.#select()?.drop(rows);
  }

  /** What a source or network holds on each listener, by proof, as of the last scan; listeners where it holds nothing are left out. */
  connectionsOf(source: Network): HeldConnections[] {
    const counts = this.#select()?.count(source);
    if (counts === undefined) return [];
    return this.#census!.listeners.flatMap(({ name }, number) => {
      const own = counts.subarray(PROOF_COUNT * number, PROOF_COUNT * (number + 1));
      return own.some((n) => n > 0) ? [{ listener: name, proofs: proofCounts(own, 0) }] : [];
    });
  }

  [Symbol.dispose](): void {
    this.#dumps[Symbol.dispose]();
  }

  #countAll({ listeners }: SelectedListeners, prefixes: SourcePrefixes, nowMs: number): void {
    const policies = listeners.map(({ policy }) => policy);
    this.#count.count(this.table, { index: this.#index, policies, prefixes, nowMs });
    this.#count.prover.end(listeners.flatMap(({ endpoints }) => endpoints.map(({ port }) => port)));
  }

  #describe({ listeners }: SelectedListeners, nowMs: number): TrackedListener[] {
    const counted = listeners.map(({ policy, endpoints, processes }, number) => ({
      name: policy.name,
      policy,
      endpoints,
      processes,
      conduct: this.#count.conductOf(number),
      configured: policy.slots,
    }));
    const slots = this.#slots.follow(counted, nowMs);
    return counted.map(({ configured: _, ...listener }, i) => {
      const { owner, use, fdHeld } = slots[i]!;
      return { ...listener, owner, ...use, fdHeld };
    });
  }

  #select(): Selection | null {
    const { tally, rowOf, proofs, seenAt } = this.#count;
    const [census, table] = [this.#census, this.table];
    if (census === null) return null;
    this.#selection ??= new Selection({ census, table, tally, rowOf, proofs, seenAt });
    return this.#selection;
  }
}

/** The counts of one row of ProofRows, by name. */
export function proofCounts(counts: Uint32Array, row: number): ProofCounts {
  const named = PROOFS.map((proof, i) => [proof, counts[PROOF_COUNT * row + i]!] as const);
  return Object.fromEntries(named) as Record<(typeof PROOFS)[number], number>;
}
