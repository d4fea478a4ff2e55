// Decides where scans happen: on the calling thread while they are short, in a worker once they would hold it up. A
// network namespace is always entered in a worker, because setns moves a whole thread.

import { Worker } from "node:worker_threads";
import { HOST_ROOT, readTcpSocketCount } from "../linux/index.ts";
import type { Census, Counted, ScanOptions } from "./census.ts";
import { CensusTaker } from "./census-taker.ts";
import {
  ScanError,
  type ScanReply,
  type ScanRequest,
  scanErrorOf,
  type WorkerSettings,
} from "./scan-messages.ts";
import { type ReadProgramLimit, SlotBook } from "./slot-book.ts";

/**
 * Sockets above which a scan goes to a worker. A scan takes about 1.3 us a socket (bench/RESULTS.md), so the main loop
 * stands still for 7 ms at most; a worker costs 40 ms once and some 10 MB.
 */
const INLINE_SOCKETS_MAX = 5000;

export interface ScannerOptions {
  /** Name or pid of the network namespace to scan; null for this process's. */
  readonly netns: string | null;
  /** `auto` decides by the number of sockets; a program with nothing else to do scans `inline`. */
  readonly thread: "auto" | "inline";
  /** Asked once in an owner's life; nobody knows of any limit unless given. */
  readonly readProgramLimit?: ReadProgramLimit;
}

/** Scans one after another; a second one waits for the first. Close it when done. */
export interface Scanner extends AsyncDisposable {
  /** `nowMs` is the wall clock, for the census to carry. Throws ScanError. */
  scan(options: ScanOptions, nowMs: number): Promise<Census>;
}

export function openScanner(options: ScannerOptions): Scanner {
  return new ThreadedScanner(options);
}

class ThreadedScanner implements Scanner {
  readonly #options: ScannerOptions;
  readonly #slots: SlotBook;
  #taker: CensusTaker | null = null;
  #worker: WorkerScanner | null = null;

  constructor(options: ScannerOptions) {
    this.#options = options;
    this.#slots = new SlotBook(options.readProgramLimit ?? (() => null));
  }

  async scan(options: ScanOptions, nowMs: number): Promise<Census> {
    const counted = await this.#count(options, nowMs);
    return { ...counted, listeners: this.#slots.describe(counted.listeners, performance.now()) };
  }

  async #count(options: ScanOptions, nowMs: number): Promise<Counted> {
    if (this.#worker === null && this.#tooLargeForThisThread()) {
      this.#closeInline();
      this.#worker = new WorkerScanner({ netns: this.#options.netns });
    }
    if (this.#worker !== null) return this.#worker.scan(options, nowMs);
    try {
      this.#taker ??= new CensusTaker();
      return this.#taker.scan(options, nowMs);
    } catch (error) {
      throw scanErrorOf(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closeInline();
    await this.#worker?.close();
    this.#worker = null;
  }

  #tooLargeForThisThread(): boolean {
    if (this.#options.netns !== null) return true;
    return this.#options.thread === "auto" && readTcpSocketCount(HOST_ROOT) > INLINE_SOCKETS_MAX;
  }

  #closeInline(): void {
    this.#taker?.[Symbol.dispose]();
    this.#taker = null;
  }
}

interface Waiting {
  readonly resolve: (census: Counted) => void;
  readonly reject: (error: ScanError) => void;
}

/** The main thread's end of a worker that scans. */
class WorkerScanner {
  readonly #worker: Worker;
  /** In the order of the requests: the worker answers one after another. */
  readonly #waiting: Waiting[] = [];
  #failure: ScanError | null = null;

  constructor(settings: WorkerSettings) {
    // Beside this file, compiled or not.
    const file = import.meta.url.endsWith(".ts") ? "./scan-worker.ts" : "./scan-worker.js";
    this.#worker = new Worker(new URL(file, import.meta.url), { workerData: settings });
    this.#worker.on("message", (reply: ScanReply) => this.#settle(reply));
    this.#worker.on("error", (error) => this.#fail(scanErrorOf(error)));
    this.#worker.on("exit", () => this.#fail(new ScanError("stopped", "the scanning thread has ended")));
  }

  scan(options: ScanOptions, nowMs: number): Promise<Counted> {
    const request: ScanRequest = { options, nowMs };
    if (this.#failure !== null) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #settle(reply: ScanReply): void {
    const waiting = this.#waiting.shift();
    if (reply.kind === "error") waiting?.reject(new ScanError(reply.code, reply.message));
    else waiting?.resolve(reply.census);
  }

  #fail(error: ScanError): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
