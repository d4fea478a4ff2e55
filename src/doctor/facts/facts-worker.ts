// The reading thread: enters its network namespace, reads the machine there, and ends.

import { parentPort, workerData } from "node:worker_threads";
import { enterNamespace, HOST_ROOT, NamespaceError } from "../../linux/index.ts";
import type { MachineFacts } from "./machine-facts.ts";
import { readHostFacts } from "./read-facts.ts";

export interface FactsRequest {
  readonly netns: string;
  readonly seconds: number;
  readonly nowMs: number;
}

export type FactsReply =
  | { readonly kind: "facts"; readonly facts: MachineFacts }
  | { readonly kind: "error"; readonly message: string };

async function answer({ netns, seconds, nowMs }: FactsRequest): Promise<FactsReply> {
  try {
    enterNamespace(HOST_ROOT, netns);
  } catch (error) {
    if (error instanceof NamespaceError) return { kind: "error", message: error.message };
    throw error;
  }
  return { kind: "facts", facts: await readHostFacts(seconds, nowMs) };
}

parentPort?.postMessage(await answer(workerData as FactsRequest));
