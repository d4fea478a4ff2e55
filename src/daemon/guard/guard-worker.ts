// The guard's thread: enters its network namespace once, then asks the guard again and again, 20 to 100 ms apart, whether
// something is due. Its calls block, which is why it is a thread of its own.

import { parentPort, workerData } from "node:worker_threads";
import { enterNamespace, HOST_ROOT } from "../../linux/index.ts";
import { monotonicMs } from "../clock.ts";
import { giveMemoryBack } from "../memory.ts";
import { Guard } from "./guard.ts";
import type { Asked, FromGuard, GuardBeginning } from "./messages.ts";

const beginning = workerData as GuardBeginning;
if (beginning.netns !== null) enterNamespace(HOST_ROOT, beginning.netns);
const guard = new Guard(beginning);

function tell(message: FromGuard): void {
  parentPort?.postMessage(message);
}

function tick(): void {
  const news = guard.tick(monotonicMs());
  if (news !== null) tell({ kind: "news", news });
  setTimeout(tick, guard.nextTickInMs(monotonicMs()));
}

function answer({ id, request }: Asked): void {
  try {
    tell({ kind: "answer", id, answer: guard.ask(request, monotonicMs()) });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "failed";
    tell({ kind: "refused", id, code, message: error instanceof Error ? error.message : String(error) });
  }
}

parentPort?.on("message", answer);
tick();
giveMemoryBack();
tell({ kind: "ready" });
