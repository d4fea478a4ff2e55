// The scanning thread: enters its network namespace once, then answers one request after another. Its calls block, which
// is why it is a thread of its own.

import { parentPort, workerData } from "node:worker_threads";
import { enterNamespace, HOST_ROOT } from "../linux/index.ts";
import { CensusTaker } from "./census-taker.ts";
import { type ScanReply, type ScanRequest, scanErrorOf, type WorkerSettings } from "./scan-messages.ts";

const settings = workerData as WorkerSettings;
let taker: CensusTaker | null = null;

function answer(request: ScanRequest): ScanReply {
  try {
    taker ??= open();
    return { kind: "census", census: taker.scan(request.options, request.nowMs) };
  } catch (error) {
    const { code, message } = scanErrorOf(error);
    return { kind: "error", code, message };
  }
}

function open(): CensusTaker {
  if (settings.netns !== null) enterNamespace(HOST_ROOT, settings.netns);
  return new CensusTaker();
}

/** The rows are handed over, not copied: they are a copy already, and as large as all the rest. */
function handedOver(reply: ScanReply): ArrayBuffer[] {
  if (reply.kind !== "census") return [];
  const { listener, source, counts } = reply.census.rows;
  return [listener.buffer, source.buffer, counts.buffer];
}

parentPort?.on("message", (request: ScanRequest) => {
  const reply = answer(request);
  parentPort?.postMessage(reply, handedOver(reply));
});
