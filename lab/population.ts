// A population: many connections of one behaviour. As many processes open them as that needs.

import { readFileSync } from "node:fs";
import type { Behaviour } from "./behaviours.ts";
import type { Counts, HoldTask, ServerAddress } from "./messages.ts";
import type { Namespace } from "./namespace.ts";
import { silence } from "./network.ts";
import type { LabProgram } from "./program.ts";

/**
 * The most connections of one process. A low descriptor limit makes it fewer; the reserve is for Node's own
 * descriptors.
 */
const PER_PROCESS_MAX = 15_000;
const DESCRIPTOR_RESERVE = 100;
const COUNT_TIMEOUT_MS = 10_000;

export interface HoldOptions {
  readonly behaviour: Behaviour;
  readonly count: number;
  readonly target: ServerAddress | readonly ServerAddress[];
  /**
   * Connections opened a second; by default 0, as fast as the server lets them in. With it, `churn` and slow attacks
   * take count / rampPerSecond seconds.
   */
  readonly rampPerSecond?: number;
  /** How many connects are under way at a time in each process. */
  readonly concurrency?: number;
  readonly connectTimeoutMs?: number;
  /** The time between two messages of `pings` and `active` on one connection. */
  readonly intervalMs?: number;
  /** Whether connections that the other side closed are opened again, as a determined hoarder does. */
  readonly persistent?: boolean;
  /** The text of `talk-once` and `active`; `{n}` becomes a number of its own in each message. Bytes as Latin-1. */
  readonly text?: string;
  /**
   * The text with which `registered` and `pings` keep alive. By default CRLFCRLF (RFC 5626, section 3.5.1). Bytes as
   * Latin-1.
   */
  readonly again?: string;
}

export interface PopulationPlace {
  readonly namespace: Namespace;
  readonly addresses: readonly string[];
  /** The prefixes that vanish() silences. */
  readonly prefixes: readonly string[];
  readonly localPort?: number;
}

export class Population {
  /** The client addresses, for a second population behind the same ones. */
  readonly addresses: readonly string[];
  /** Resolves when every connection was tried. Rejects if the population was stopped before. */
  readonly settled: Promise<Counts>;
  readonly #place: PopulationPlace;
  readonly #workers: readonly LabProgram[];
  #last: Counts = { opened: 0, failed: 0, open: 0, lost: 0 };

  private constructor(place: PopulationPlace, workers: readonly LabProgram[], settleMs: number) {
    this.#place = place;
    this.#workers = workers;
    this.addresses = place.addresses;
    const wait = { what: "all connections to be tried", timeoutMs: settleMs };
    this.settled = Promise.all(workers.map((worker) => worker.next("settled", wait))).then((all) =>
      this.#keep(all),
    );
    // A caller that waits for the population to settle sees the rejection. If a test's end cuts an attack short, nobody
    // waits.
    this.settled.catch(() => {});
  }

  static async begin(options: HoldOptions, place: PopulationPlace): Promise<Population> {
    const tasks = split(options, place);
    const name = options.behaviour === "half-open" ? "half-open-worker" : "hold-worker";
    const workers = await Promise.all(tasks.map((task) => place.namespace.startWorker(name, task)));
    return new Population(place, workers, settleTimeoutMs(options));
  }

  /** How many were opened, as of the last count. */
  get opened(): number {
    return this.#last.opened;
  }

  get failed(): number {
    return this.#last.failed;
  }

  /** Asks the clients for their counts. After vanish() or stop() nothing is open, and the other counts stay. */
  async count(): Promise<Counts> {
    const wait = { what: "its counts", timeoutMs: COUNT_TIMEOUT_MS };
    const running = this.#workers.filter((worker) => worker.running);
    if (running.length === 0) return this.#last;
    const all = running.map((worker) => {
      const counted = worker.next("counted", wait);
      worker.tell({ kind: "count" });
      return counted;
    });
    return this.#keep(await Promise.all(all));
  }

  /** Makes the clients go like phones with an empty battery: no FIN, no reset, and no answer to anything from then on. */
  async vanish(): Promise<void> {
    await this.count();
    await silence(this.#place.namespace, this.#place.prefixes);
    await this.#end();
  }

  /** Ends the processes; the kernel closes their connections. */
  async stop(): Promise<void> {
    await this.count().catch(() => {}); // One that has died already has nothing to tell.
    await this.#end();
  }

  async #end(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    this.#last = { ...this.#last, open: 0 };
  }

  #keep(all: readonly Counts[]): Counts {
    const sum = (of: keyof Counts) => all.reduce((total, counts) => total + counts[of], 0);
    this.#last = { opened: sum("opened"), failed: sum("failed"), open: sum("open"), lost: sum("lost") };
    return this.#last;
  }
}

/** The limit for settling. It is generous: a machine that is busy with other tests opens 1 000 connections a second. */
function settleTimeoutMs({ count, rampPerSecond = 0, connectTimeoutMs = 0 }: HoldOptions): number {
  const ramp = rampPerSecond === 0 ? 0 : (count / rampPerSecond) * 1000;
  return 30_000 + connectTimeoutMs + count + ramp;
}

function split(options: HoldOptions, place: PopulationPlace): readonly HoldTask[] {
  const { count, rampPerSecond = 0 } = options;
  const parts = Math.ceil(count / processCapacity());
  return Array.from({ length: parts }, (_, part) => {
    const first = Math.floor((count * part) / parts);
    const end = Math.floor((count * (part + 1)) / parts);
    return {
      kind: "hold",
      behaviour: options.behaviour,
      first,
      count: end - first,
      addresses: place.addresses,
      localPort: place.localPort ?? 0,
      targets: "port" in options.target ? [options.target] : options.target,
      rampPerSecond: rampPerSecond / parts,
      concurrency: options.concurrency ?? 200,
      connectTimeoutMs: options.connectTimeoutMs ?? 10_000,
      intervalMs: options.intervalMs ?? 1000,
      persistent: options.persistent ?? false,
      text: options.text ?? "hello\n",
      again: options.again ?? "\r\n\r\n",
    };
  });
}

/**
 * How many connections one process can hold. Node raises its soft descriptor limit to the hard one when it starts
 * (proc(5), /proc/pid/limits).
 */
function processCapacity(): number {
  const limits = readFileSync("/proc/self/limits", "latin1");
  const hard = /^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1];
  return Math.min(PER_PROCESS_MAX, Number(hard ?? PER_PROCESS_MAX) - DESCRIPTOR_RESERVE);
}
