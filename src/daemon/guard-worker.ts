// The guard's thread. It enters its network namespace once and puts the guard's parts together. Every 20 to 100 ms it
// asks the guard whether something is due. Its calls block, so it is a thread of its own.

import { parentPort } from "node:worker_threads";
import { Evictor, ProtectedAddresses, RuleKeeper } from "../enforce/index.ts";
import { Guard, type GuardParts, type News, NO_TAP } from "../guard/index.ts";
import { explainSource, initialState, step, withBans, withoutBans } from "../judge/index.ts";
import {
  enterNamespace,
  HOST_ROOT,
  NetlinkProtocol,
  openNetlinkSocket,
  SockDestroyer,
  threadCpuMs,
} from "../linux/index.ts";
import { errorCode, Refusal, reasonOf } from "../model/index.ts";
import { ProgramLimits } from "../programs/index.ts";
import { largestByListener, ScanTimer, sumByListener, Tracker } from "../track/index.ts";
import { monotonicMs } from "./clock.ts";
import type { FromGuard, ThreadBeginning, ToGuard } from "./guard-messages.ts";
import { giveMemoryBack } from "./memory.ts";

/** This thread reads each limit once in an owner's life: when the tracker meets a process for the first time. */
const limits = new ProgramLimits();
let problemsTold = "";

function tell(message: FromGuard): void {
  parentPort?.postMessage(message);
}

/** Opens the parts in the calling thread's network namespace. All of them end with the thread. */
function openParts({ settings, clockOffsetMs }: ThreadBeginning): GuardParts {
  const tracker = new Tracker({ readProgramLimit: (process) => limits.read(process) });
  const destroyer = new SockDestroyer(openNetlinkSocket(NetlinkProtocol.SOCK_DIAG));
  return {
    clock: { now: () => monotonicMs() + clockOffsetMs, cpuMs: threadCpuMs },
    tracker,
    scanTimer: new ScanTimer(),
    sums: { sumByListener, largestByListener },
    judge: { initialState, step, explainSource, withBans, withoutBans },
    evictor: new Evictor({ sockets: tracker, destroyer }),
    rules: new RuleKeeper(settings),
    protectedAddresses: new ProtectedAddresses(),
    tap: NO_TAP,
  };
}

function begin(beginning: ThreadBeginning): Guard | null {
  try {
    if (beginning.netns !== null) enterNamespace(HOST_ROOT, beginning.netns);
    return new Guard(openParts(beginning), beginning);
  } catch (error) {
    // Anything else is a mistake of ours, and ends the thread with its stack.
    if (!(error instanceof Refusal)) throw error;
    tell({ kind: "unable", message: error.message });
    return null;
  }
}

function tick(guard: Guard): void {
  guard.tick();
  tellNews(guard);
  setTimeout(() => tick(guard), guard.nextTickInMs());
}

function tellNews(guard: Guard): void {
  const news = guard.takeNews();
  if (news !== null) tell({ kind: "news", news: { ...news, health: [...news.health, ...limitHealth()] } });
}

/** The programs whose limits could not be read; nothing where they are the same as before. */
function limitHealth(): News["health"] {
  const problems = limits.problems().join(" ");
  if (problems === problemsTold) return [];
  problemsTold = problems;
  return [{ code: "program-limit", severity: "notice", text: problems === "" ? null : problems }];
}

function answer(guard: Guard, { id, name, ask }: ToGuard): void {
  // News from before the request goes out first, with the meaning it had then.
  tellNews(guard);
  try {
    tell({ kind: "answer", id, answer: guard.ask(name, ask) });
  } catch (error) {
    tell({ kind: "refused", id, code: errorCode(error) || "failed", message: reasonOf(error) });
  }
}

function run(guard: Guard): void {
  tick(guard);
  if (guard.denied !== null) {
    tell({ kind: "unable", message: `${guard.denied}; without rights it can only observe (--observe)` });
    return;
  }
  parentPort?.on("message", (asked: ToGuard) => answer(guard, asked));
  tell({ kind: "ready" });
  giveMemoryBack();
}

// The first message says what to guard, all others are requests.
parentPort?.once("message", (beginning: ThreadBeginning) => {
  const guard = begin(beginning);
  if (guard !== null) run(guard);
});
