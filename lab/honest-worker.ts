// Honest clients: some that stay connected and exchange a line now and then, and one that calls, again and again, with a
// fresh connection each time. They know only what a client can know: whether they were answered, and when.

import { connect, type Socket } from "node:net";
import { Latencies } from "./latency.ts";
import type { HonestReport, HonestTask } from "./messages.ts";
import { listen, say } from "./worker.ts";

const OPEN_RETRY_MS = 100;

let pool: HonestPool | null = null;

listen((message) => {
  if (message.kind === "honest") {
    pool = new HonestPool(message);
    pool.start();
  }
  if (message.kind === "report" && pool !== null) say({ kind: "reported", ...pool.report() });
});

/** Since when a held connection has waited for an answer; null while it waits for none. */
interface Held {
  waitingSince: number | null;
}

class HonestPool {
  readonly #task: HonestTask;
  readonly #held = new Map<Socket, Held>();
  readonly #latencies = new Latencies();
  #heldOpened = 0;
  #heldCut = 0;
  #calls = 0;
  #answered = 0;
  #failed = 0;

  constructor(task: HonestTask) {
    this.#task = task;
  }

  start(): void {
    for (let i = 0; i < this.#task.held; i++) this.#openHeld(i);
    if (this.#task.held === 0) this.#begin();
  }

  report(): HonestReport {
    return {
      calls: this.#calls,
      answered: this.#answered,
      failed: this.#failed,
      latencyMs: this.#latencies.summary(),
      heldOpen: this.#held.size,
      heldCut: this.#heldCut,
      heldUnanswered: this.#unanswered(),
    };
  }

  /** Once the held connections stand, the calls begin. */
  #begin(): void {
    say({ kind: "ready" });
    setInterval(() => this.#call(), this.#task.callEveryMs);
  }

  #connect(i: number): Socket {
    const { target, addresses } = this.#task;
    const localAddress = addresses[i % addresses.length]!;
    // A cut is told by 'close'; its error needs no other answer.
    return connect({ host: target.address, port: target.port, localAddress }).on("error", () => {});
  }

  #openHeld(i: number): void {
    const socket = this.#connect(i);
    socket.once("connect", () => this.#hold(socket));
    socket.on("close", () => {
      if (this.#held.delete(socket)) this.#heldCut++;
      else setTimeout(() => this.#openHeld(i), OPEN_RETRY_MS);
    });
  }

  #hold(socket: Socket): void {
    const held: Held = { waitingSince: null };
    this.#held.set(socket, held);
    socket.on("data", () => {
      held.waitingSince = null;
    });
    const timer = setInterval(() => this.#exchange(socket, held), this.#task.heldEveryMs);
    socket.once("close", () => clearInterval(timer));
    this.#exchange(socket, held);
    if (++this.#heldOpened === this.#task.held) this.#begin();
  }

  /** One line at a time: who has no answer yet goes on waiting. */
  #exchange(socket: Socket, held: Held): void {
    if (held.waitingSince !== null) return;
    held.waitingSince = performance.now();
    socket.write("still here\n");
  }

  #unanswered(): number {
    const latest = performance.now() - this.#task.timeoutMs;
    return [...this.#held.values()].filter(({ waitingSince: since }) => since !== null && since < latest)
      .length;
  }

  #call(): void {
    const startedAt = performance.now();
    const socket = this.#connect(this.#calls++);
    const timer = setTimeout(() => socket.destroy(), this.#task.timeoutMs);
    let answered = false;
    socket.once("connect", () => socket.write("hello\n"));
    socket.once("data", () => {
      answered = true;
      this.#latencies.add(performance.now() - startedAt);
      socket.end();
    });
    socket.once("close", () => {
      clearTimeout(timer);
      if (answered) this.#answered++;
      else this.#failed++;
    });
  }
}
