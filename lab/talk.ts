// The talk of one worker's clients: once, or again and again. One timer serves all connections. They take turns, so
// that the messages of an interval spread over it evenly.

import type { Socket } from "node:net";
import type { Manners } from "./behaviours.ts";
import type { HoldTask } from "./messages.ts";

const TALK_TICK_MS = 20;
/** A connection with this much unsent says nothing more: a stopped server must not fill our memory. */
const UNSENT_BYTES_MAX = 16 * 1024;

export class Talk {
  readonly #text: string | null;
  readonly #again: string | null;
  readonly #intervalMs: number;
  readonly #talkers: Socket[] = [];
  /** The next number of a message. Each worker begins elsewhere, so that no two number alike. */
  #number: number;
  #turn = 0;
  #owed = 0;
  #lastTick = performance.now();

  constructor(manners: Manners, task: HoldTask) {
    this.#text = manners.says(task.text, task.again);
    this.#again = manners.repeats(task.text, task.again);
    this.#intervalMs = task.intervalMs;
    this.#number = task.first * 1_000_000;
  }

  /** Says the first thing on a new connection. */
  begin(socket: Socket): void {
    if (this.#text === null) return;
    this.#say(socket, this.#text);
    this.#talkers.push(socket);
  }

  /** Begins to say something every interval, if the manners are such. */
  repeat(): void {
    if (this.#again !== null) setInterval(() => this.#tick(), TALK_TICK_MS).unref();
  }

  #tick(): void {
    const now = performance.now();
    this.#owed += (this.#talkers.length * (now - this.#lastTick)) / this.#intervalMs;
    this.#lastTick = now;
    for (; this.#owed >= 1 && this.#talkers.length > 0; this.#owed--) this.#nextTurn();
  }

  #nextTurn(): void {
    if (this.#turn >= this.#talkers.length) this.#turn = 0;
    const socket = this.#talkers[this.#turn]!;
    if (socket.writable) {
      this.#say(socket, this.#again!);
      this.#turn++;
    } else {
      // The last talker takes the place of one that has gone.
      const last = this.#talkers.pop()!;
      if (last !== socket) this.#talkers[this.#turn] = last;
    }
  }

  #say(socket: Socket, text: string): void {
    if (socket.writableLength > UNSENT_BYTES_MAX) return;
    const numbered = text.includes("{n}");
    socket.write(numbered ? text.replaceAll("{n}", String(this.#number++)) : text, "latin1");
  }
}
