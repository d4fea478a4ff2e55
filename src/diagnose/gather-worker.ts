// The gathering thread: enters its network namespace, gathers once, and ends.

import { once } from "node:events";
import { parentPort, workerData } from "node:worker_threads";
import { scanErrorOf } from "../census/index.ts";
import { enterNamespace, HOST_MACHINE } from "../linux/index.ts";
import { gather } from "./gather.ts";
import type { GatherMessage, GatherTask } from "./gather-messages.ts";

const { netns, options } = workerData as GatherTask;
const port = parentPort!;

function post(message: GatherMessage): void {
  port.postMessage(message);
}

/** The calling thread shows how long it takes. */
async function sleep(ms: number): Promise<void> {
  post({ kind: "sleep", ms });
  await once(port, "message");
}

try {
  enterNamespace(options.root ?? HOST_MACHINE, netns);
  post({ kind: "gathered", gathered: await gather(options, sleep) });
} catch (error) {
  const { code, message } = scanErrorOf(error);
  post({ kind: "error", code, message });
}
