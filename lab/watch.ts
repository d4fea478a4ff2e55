// The outside judge, on its owner's side: samples of the victim's sockets, descriptors and bans.

import type { WatchSample, WatchTask } from "./messages.ts";
import type { Namespace } from "./namespace.ts";
import type { LabProgram } from "./program.ts";

const READY_TIMEOUT_MS = 20_000;
const TAKE_TIMEOUT_MS = 10_000;

export type WatchOptions = Omit<WatchTask, "kind">;

export class Watch {
  readonly #worker: LabProgram;

  private constructor(worker: LabProgram) {
    this.#worker = worker;
  }

  /** Starts the watch. Resolves when the first sample is taken. */
  static async start(namespace: Namespace, options: WatchOptions): Promise<Watch> {
    const worker = await namespace.startWorker("watch-worker", { kind: "watch", ...options });
    await worker.next("ready", { what: "the first sample", timeoutMs: READY_TIMEOUT_MS });
    return new Watch(worker);
  }

  /** The samples since the last call. */
  async take(): Promise<readonly WatchSample[]> {
    const watched = this.#worker.next("watched", { what: "its samples", timeoutMs: TAKE_TIMEOUT_MS });
    this.#worker.tell({ kind: "watched?" });
    return (await watched).samples;
  }

  async stop(): Promise<void> {
    await this.#worker.stop();
  }
}
