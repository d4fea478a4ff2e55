// The guard's thread: enters its network namespace once, then asks the guard again and again, 20 to 100 ms apart, whether
// something is due. Its calls block, which is why it is a thread of its own.

import { parentPort } from "node:worker_threads";
import type { Asked, FromGuard, GuardBeginning } from "../guard/index.ts";
import { Guard } from "../guard/index.ts";
import { enterNamespace, HOST_ROOT } from "../linux/index.ts";
import { Refusal, reasonOf } from "../model/index.ts";
import { monotonicMs } from "./clock.ts";
import { giveMemoryBack } from "./memory.ts";

function tell(message: FromGuard): void {
  parentPort?.postMessage(message);
}

function begin(beginning: GuardBeginning): Guard | null {
  try {
    if (beginning.netns !== null) enterNamespace(HOST_ROOT, beginning.netns);
    return new Guard(beginning);
  } catch (error) {
    // Anything else is a mistake of ours, and ends the thread with its stack.
    if (!(error instanceof Refusal)) throw error;
    tell({ kind: "unable", message: error.message });
    return null;
  }
}

function tick(guard: Guard): void {
  guard.tick(monotonicMs());
  tellNews(guard);
  setTimeout(() => tick(guard), guard.nextTickInMs(monotonicMs()));
}

function tellNews(guard: Guard): void {
  const news = guard.takeNews();
  if (news !== null) tell({ kind: "news", news });
}

function answer(guard: Guard, { id, request }: Asked): void {
  // What was done before the request is told before it, and as it was meant then.
  tellNews(guard);
  try {
    tell({ kind: "answer", id, answer: guard.ask(request, monotonicMs()) });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "failed";
    tell({ kind: "refused", id, code, message: reasonOf(error) });
  }
}

function run(guard: Guard): void {
  tick(guard);
  if (guard.denied !== null) {
    tell({ kind: "unable", message: `${guard.denied}; without rights it can only --observe` });
    return;
  }
  parentPort?.on("message", (asked: Asked) => answer(guard, asked));
  tell({ kind: "ready" });
  giveMemoryBack();
}

// The first message says what to guard, all others are requests.
parentPort?.once("message", (beginning: GuardBeginning) => {
  const guard = begin(beginning);
  if (guard !== null) run(guard);
});
