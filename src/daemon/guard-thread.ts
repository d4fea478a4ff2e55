// The main thread's end of a guard's thread.

import { Worker } from "node:worker_threads";
import type { AnswerOf, AskOf, News, RequestName } from "../guard/index.ts";
import { Refusal, traceOf } from "../model/index.ts";
import type { FromGuard, ThreadBeginning, ToGuard } from "./guard-messages.ts";

/** An answer takes a scan at most; 100 000 sockets take 0.2 s. */
const ANSWER_TIMEOUT_MS = 30_000;
/** Requests that wait for an answer; more are refused. */
const WAITING_MAX = 1000;

/** The guard could not do what was asked; the message is meant for people. */
export class GuardError extends Refusal {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface Waiting {
  readonly resolve: (answer: AnswerOf<RequestName>) => void;
  readonly reject: (error: GuardError) => void;
  readonly timer: NodeJS.Timeout;
}

export interface GuardListeners {
  readonly onNews: (news: News) => void;
  /** The thread has ended by itself: nothing guards any more. */
  readonly onEnd: (error: GuardError) => void;
}

/**
 * Starts a thread that loads its code while the program still reads its configuration: the first scan comes half a
 * second earlier. Give it to the first guard, or terminate it.
 */
export function warmGuardThread(): Worker {
  // Beside this file, compiled or not.
  const file = import.meta.url.endsWith(".ts") ? "./guard-worker.ts" : "./guard-worker.js";
  return new Worker(new URL(file, import.meta.url));
}

export class GuardThread {
  readonly netns: string | null;
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ready: Promise<void>;
  #nextId = 1;
  #ending = false;
  #failure: GuardError | null = null;

  constructor(beginning: ThreadBeginning, { onNews, onEnd }: GuardListeners, warm: Worker | null) {
    this.netns = beginning.netns;
    this.#worker = warm ?? warmGuardThread();
    this.#worker.postMessage(beginning);
    this.#ready = new Promise((resolve, reject) => {
      const end = (text: string): void => {
        const error = new GuardError("stopped", text);
        this.#fail(error);
        reject(error);
        if (!this.#ending) onEnd(error);
        this.#ending = true;
      };
      this.#worker.on("message", (message: FromGuard) => {
        if (message.kind === "ready") resolve();
        else if (message.kind === "unable") end(message.message);
        else if (message.kind === "news") onNews(message.news);
        else this.#settle(message);
      });
      this.#worker.on("error", (error) => end(`the guard's thread has failed: ${traceOf(error)}`));
      this.#worker.on("exit", () => end("the guard's thread has ended"));
    });
    // A failure reaches those who wait for it, and there may be none.
    this.#ready.catch(() => {});
  }

  /** Resolves when the first scan is done and the kernel is as it should be. */
  ready(): Promise<void> {
    return this.#ready;
  }

  /** Throws GuardError. */
  ask<Name extends RequestName>(name: Name, ask: AskOf<Name>): Promise<AnswerOf<Name>> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#waiting.size >= WAITING_MAX) {
      return Promise.reject(new GuardError("busy", `${WAITING_MAX} requests wait already; try again`));
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const late = (): void => {
        this.#waiting.delete(id);
        reject(new GuardError("timeout", `the guard has not answered within ${ANSWER_TIMEOUT_MS / 1000} s`));
      };
      this.#waiting.set(id, { resolve, reject, timer: setTimeout(late, ANSWER_TIMEOUT_MS) });
      this.#worker.postMessage({ id, name, ask } satisfies ToGuard<Name>);
    });
  }

  /** Ends the thread, if it has not ended already. `keep` leaves the bans in the kernel to their timeouts. */
  async stop({ keep }: { readonly keep: boolean }): Promise<void> {
    this.#ending = true;
    try {
      if (this.#failure === null) await this.ask("stop", { keep });
    } finally {
      await this.#worker.terminate();
    }
  }

  #settle(message: Extract<FromGuard, { readonly kind: "answer" | "refused" }>): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    this.#waiting.delete(message.id);
    clearTimeout(waiting.timer);
    if (message.kind === "answer") waiting.resolve(message.answer);
    else waiting.reject(new GuardError(message.code, message.message));
  }

  #fail(error: GuardError): void {
    this.#failure ??= error;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(error);
    }
    this.#waiting.clear();
  }
}
