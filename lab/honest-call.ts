// One honest call: a fresh connection, one conversation, an answer within the time or none. A patient caller that is
// turned away tries again until its time is up.

import { connect, type Socket } from "node:net";
import type { ServerAddress } from "./messages.ts";
import type { Dialogue } from "./protocols/index.ts";

export interface CallSettings {
  readonly target: ServerAddress;
  readonly localAddress: string;
  readonly converse: () => Dialogue;
  /** The limit from the start of the first connect to the answer. */
  readonly timeoutMs: number;
  /** The wait before the next try; null for one try only. */
  readonly retryMs: number | null;
}

export class HonestCall {
  readonly #settings: CallSettings;
  readonly #startedAt = performance.now();
  #socket: Socket | null = null;
  #over = false;

  constructor(settings: CallSettings) {
    this.#settings = settings;
  }

  /** Runs the call. Reports once: the time that the answer took, or null. */
  run(report: (latencyMs: number | null) => void): void {
    const finish = (latencyMs: number | null) => {
      if (this.#over) return;
      this.#over = true;
      clearTimeout(timer);
      report(latencyMs);
    };
    const timer = setTimeout(() => {
      finish(null);
      this.#socket?.destroy();
    }, this.#settings.timeoutMs);
    this.#try(finish);
  }

  #try(finish: (latencyMs: number | null) => void): void {
    const { target, localAddress, converse, retryMs } = this.#settings;
    const talk = converse();
    const socket = connect({ host: target.address, port: target.port, localAddress, noDelay: true });
    this.#socket = socket.setEncoding("latin1");
    socket.once("connect", () => socket.write(talk.opening, "latin1"));
    socket.on("data", (piece) => {
      const reply = talk.hear(String(piece));
      if (reply.kind === "say") socket.write(reply.text, "latin1");
      if (reply.kind === "refused") socket.destroy();
      if (reply.kind !== "done") return;
      finish(performance.now() - this.#startedAt);
      socket.end(reply.farewell ?? "", "latin1");
    });
    socket.on("error", () => {});
    socket.once("close", () => {
      if (this.#over) return;
      if (retryMs === null) finish(null);
      else setTimeout(() => this.#over || this.#try(finish), retryMs);
    });
  }
}
