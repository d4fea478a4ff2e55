// Gathers in another network namespace: in a thread of its own, because setns moves a whole thread.

import { Worker } from "node:worker_threads";
import { ScanError } from "../census/index.ts";
import { type GatherOptions, gather, type Observed } from "./gather.ts";
import type { GatherMessage, GatherTask } from "./gather-messages.ts";

/**
 * Gathers in the namespace of a name or pid; null for the calling thread's own. `sleep` waits between the scans. Throws
 * ScanError where the namespace cannot be entered or the kernel not be asked.
 */
export async function gatherIn(
  netns: string | null,
  options: GatherOptions,
  sleep: (ms: number) => Promise<void>,
): Promise<Observed> {
  if (netns === null) return gather(options, sleep);
  const task: GatherTask = { netns, options };
  // Beside this file, compiled or not.
  const file = import.meta.url.endsWith(".ts") ? "./gather-worker.ts" : "./gather-worker.js";
  const worker = new Worker(new URL(file, import.meta.url), { workerData: task });
  try {
    return await answerOf(worker, sleep);
  } finally {
    await worker.terminate();
  }
}

function answerOf(worker: Worker, sleep: (ms: number) => Promise<void>): Promise<Observed> {
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
