// Honest clients. Some stay connected and say something now and then. One calls again and again, with a fresh
// connection each time. They know only what a client can know: whether they were answered, and when.

import { HeldClient } from "./held-client.ts";
import { HonestCall } from "./honest-call.ts";
import { Latencies } from "./latency.ts";
import type { HonestReport, HonestTask } from "./messages.ts";
import { PROTOCOLS } from "./protocols/index.ts";
import { onTask, tellKeeper } from "./worker.ts";

/** How many clients connect and join at a time. */
const OPENING_MAX = 100;

let pool: HonestPool | null = null;

onTask((message) => {
  if (message.kind === "honest") {
    pool = new HonestPool(message);
    pool.start();
  }
  if (message.kind === "report" && pool !== null) tellKeeper({ kind: "reported", ...pool.report() });
});

class HonestPool {
  readonly #task: HonestTask;
  readonly #held: readonly HeldClient[];
  readonly #latencies = new Latencies();
  /** Clients that wait for a turn to connect. */
  readonly #due: HeldClient[] = [];
  #opening = 0;
  #joined = 0;
  #begun = false;
  #calls = 0;
  #answered = 0;
  #failed = 0;

  constructor(task: HonestTask) {
    this.#task = task;
    const settings = { ...task, protocol: PROTOCOLS[task.protocol] };
    const place = {
      due: (client: HeldClient) => this.#enqueue(client),
      settled: () => this.#onSettled(),
    };
    this.#held = Array.from({ length: task.held }, (_, i) => new HeldClient(i, settings, place));
  }

  start(): void {
    for (const client of this.#held) this.#enqueue(client);
    if (this.#task.held === 0) this.#begin();
  }

  report(): HonestReport {
    const count = (of: (client: HeldClient) => boolean) => this.#held.filter(of).length;
    const now = performance.now();
    return {
      calls: this.#calls,
      answered: this.#answered,
      failed: this.#failed,
      latencyMs: this.#latencies.summary(),
      heldOpen: count((client) => client.joined),
      heldCut: this.#held.reduce((sum, client) => sum + client.cuts, 0),
      heldUnanswered: count((client) => client.unansweredAt(now)),
    };
  }

  #enqueue(client: HeldClient): void {
    this.#due.push(client);
    this.#openMore();
  }

  #openMore(): void {
    while (this.#opening < OPENING_MAX && this.#due.length > 0) {
      this.#opening++;
      this.#due.shift()!.open();
    }
  }

  /** Ends one turn: an attempt to connect and join is over, successful or not. */
  #onSettled(): void {
    this.#opening--;
    this.#joined = this.#held.filter((client) => client.joined).length;
    if (this.#joined === this.#task.held) this.#begin();
    this.#openMore();
  }

  /** Begins the calls, once the held connections stand. */
  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    tellKeeper({ kind: "ready" });
    if (this.#task.callEveryMs > 0) setInterval(() => this.#call(), this.#task.callEveryMs);
  }

  #call(): void {
    const { target, callAddresses, protocol, timeoutMs, callRetryMs } = this.#task;
    const number = this.#calls++;
    const call = new HonestCall({
      target,
      localAddress: callAddresses[number % callAddresses.length]!,
      converse: () => PROTOCOLS[protocol].call(this.#task.held + number),
      timeoutMs,
      retryMs: callRetryMs,
    });
    call.run((latencyMs) => {
      if (latencyMs === null) this.#failed++;
      else {
        this.#answered++;
        this.#latencies.add(latencyMs);
      }
    });
  }
}
