// Gathers in any network namespace: in a thread of its own where it is another one, because setns moves a whole thread.
// The calling thread adds the owners' slots here, because the caller says how a program's own limit is read.

import { Worker } from "node:worker_threads";
import {
  headroomOf,
  type ReadProgramLimit,
  ratesPerSecond,
  ScanError,
  SlotBook,
  usedByListener,
} from "../census/index.ts";
import { type GatherOptions, gather, type Observed, type Unmeasured } from "./gather.ts";
import type { GatherMessage, GatherTask } from "./gather-messages.ts";

export interface GatherHelp {
  /** Waits between the scans. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly readProgramLimit: ReadProgramLimit;
}

/**
 * Gathers in the namespace of a name or pid; null for the calling thread's own. Throws ScanError where the namespace cannot be
 * entered or the kernel not be asked.
 */
export async function gatherIn(
  netns: string | null,
  options: GatherOptions,
  { sleep, readProgramLimit }: GatherHelp,
): Promise<Observed> {
  const unmeasured =
    netns === null ? await gather(options, sleep) : await gatherInThread({ netns, options }, sleep);
  return measured(unmeasured, new SlotBook(readProgramLimit));
}

/** With the headroom of every listener. */
function measured({ observation, listenersBefore, census }: Unmeasured, slots: SlotBook): Observed {
  const { seconds } = observation;
  const before = slots.describe(listenersBefore, 0);
  const owners = slots.follow(
    census.listeners.map((listener) => ({ ...listener, configured: null })),
    1000 * seconds,
  );
  const after = census.listeners.map((listener, i) => ({ ...listener, ...owners[i]!.use }));
  const growth = ratesPerSecond(usedByListener(before), usedByListener(after), seconds);
  const listeners = observation.listeners.map((listener, i) => ({
    ...listener,
    headroom: headroomOf(after[i]!, growth.get(listener.name)),
    programLimit: owners[i]!.programLimit,
  }));
  return { observation: { ...observation, listeners }, census: { ...census, listeners: after } };
}

async function gatherInThread(task: GatherTask, sleep: (ms: number) => Promise<void>): Promise<Unmeasured> {
  // Beside this file, compiled or not.
  const file = import.meta.url.endsWith(".ts") ? "./gather-worker.ts" : "./gather-worker.js";
  const worker = new Worker(new URL(file, import.meta.url), { workerData: task });
  try {
    return await answerOf(worker, sleep);
  } finally {
    await worker.terminate();
  }
}

function answerOf(worker: Worker, sleep: (ms: number) => Promise<void>): Promise<Unmeasured> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(new ScanError("stopped", String(error), error));
    worker.on("error", fail);
    worker.on("exit", () => fail("the gathering thread has ended"));
    worker.on("message", (message: GatherMessage) => {
      if (message.kind === "gathered") resolve(message.gathered);
      else if (message.kind === "error") reject(new ScanError(message.code, message.message));
      else sleep(message.ms).then(() => worker.postMessage(null), reject);
    });
  });
}
