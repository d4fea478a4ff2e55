// One honest client that stays: connects, joins, keeps its connection alive, and comes back when it is cut off.

import { connect, type Socket } from "node:net";
import type { HonestTask } from "./messages.ts";
import type { Dialogue, Protocol } from "./protocols/index.ts";

const OPEN_RETRY_MS = 100;
/** The limit from the connect to the end of the first dialogue. A busy machine's clients are patient. */
const JOIN_TIMEOUT_MS = 10_000;

export interface HeldSettings extends Omit<HonestTask, "protocol"> {
  readonly protocol: Protocol;
}

/** The part of the pool that a client needs. */
export interface HeldPlace {
  /** Asks to open the client when it has a turn. */
  readonly due: (client: HeldClient) => void;
  /** Tells that the client's turn is over: it has joined, or failed to. */
  readonly settled: () => void;
}

export class HeldClient {
  readonly #number: number;
  readonly #settings: HeldSettings;
  readonly #place: HeldPlace;
  #socket: Socket | null = null;
  #talk: Dialogue | null = null;
  /** The beginning of its wait for an answer; null if it waits for none. */
  #waitingSince: number | null = null;
  #joined = false;
  #cuts = 0;
  #timers: NodeJS.Timeout[] = [];

  constructor(number: number, settings: HeldSettings, place: HeldPlace) {
    this.#number = number;
    this.#settings = settings;
    this.#place = place;
  }

  get joined(): boolean {
    return this.#joined;
  }

  /** How often the other side closed the connection after the client had joined. */
  get cuts(): number {
    return this.#cuts;
  }

  unansweredAt(now: number): boolean {
    const since = this.#waitingSince;
    return this.#joined && since !== null && since < now - this.#settings.timeoutMs;
  }

  open(): void {
    const { target, addresses, protocol } = this.#settings;
    const localAddress = addresses[this.#number % addresses.length]!;
    const socket = connect({ host: target.address, port: target.port, localAddress, noDelay: true });
    this.#socket = socket.setEncoding("latin1");
    const timer = setTimeout(() => socket.destroy(), JOIN_TIMEOUT_MS);
    socket.once("connect", () => this.#begin(protocol.join(this.#number)));
    socket.on("data", (piece) => this.#hear(String(piece)));
    // 'close' tells of a cut, so its error needs no other answer.
    socket.on("error", () => {});
    socket.once("close", () => this.#onClose());
    this.#timers = [timer];
  }

  /** Begins a dialogue. There is one at a time: a client without its answer goes on waiting. */
  #begin(talk: Dialogue): void {
    if (this.#talk !== null) return;
    this.#talk = talk;
    this.#waitingSince = performance.now();
    this.#socket?.write(talk.opening, "latin1");
  }

  #hear(piece: string): void {
    const reply = this.#talk?.hear(piece);
    if (reply?.kind === "say") this.#socket?.write(reply.text, "latin1");
    if (reply?.kind === "refused") this.#socket?.destroy();
    if (reply?.kind !== "done") return;
    this.#talk = null;
    this.#waitingSince = null;
    if (!this.#joined) this.#onJoined();
  }

  #onJoined(): void {
    this.#joined = true;
    this.#clearTimers();
    const { protocol, heldEveryMs, renewEveryMs } = this.#settings;
    this.#every(heldEveryMs, () => this.#begin(protocol.ping(this.#number)));
    if (renewEveryMs !== null) this.#every(renewEveryMs, () => this.#begin(protocol.join(this.#number)));
    this.#place.settled();
  }

  /** Repeats an act. It begins anywhere in the interval, so that the clients of a pool do not speak in chorus. */
  #every(ms: number, act: () => void): void {
    const first = setTimeout(() => {
      act();
      this.#timers.push(setInterval(act, ms));
    }, Math.random() * ms);
    this.#timers.push(first);
  }

  #onClose(): void {
    this.#clearTimers();
    const { reconnectWithinMs } = this.#settings;
    const wasJoined = this.#joined;
    this.#joined = false;
    this.#talk = null;
    this.#waitingSince = null;
    this.#socket = null;
    if (!wasJoined) {
      setTimeout(() => this.#place.due(this), OPEN_RETRY_MS);
      this.#place.settled();
      return;
    }
    this.#cuts++;
    if (reconnectWithinMs === null) return;
    setTimeout(() => this.#place.due(this), Math.random() * reconnectWithinMs);
  }

  #clearTimers(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers = [];
  }
}
