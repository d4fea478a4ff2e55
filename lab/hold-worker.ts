// A process of a population: opens its part of the connections and behaves as its table of manners says.
//
// The hot path is a connection's life. All sockets share their handlers (which find the socket in `this`) and one
// buffer to read into, so a connection costs what Node's Socket itself costs.

import { connect, type OnReadOpts, type Socket } from "node:net";
import { MANNERS, type Manners } from "./behaviours.ts";
import type { Counts, HoldTask } from "./messages.ts";
import { Pacer } from "./pace.ts";
import { Talk } from "./talk.ts";
import { onTask, tellKeeper } from "./worker.ts";

const SWEEP_MS = 250;

let holder: HoldingClients | null = null;

onTask((message) => {
  if (message.kind === "hold") {
    holder = new HoldingClients(message);
    holder.start();
  }
  if (message.kind === "count") tellKeeper({ kind: "counted", ...(holder?.counts() ?? NONE) });
});

const NONE: Counts = { opened: 0, failed: 0, open: 0, lost: 0 };
const onread: OnReadOpts = { buffer: Buffer.alloc(64 * 1024), callback: () => true };

class HoldingClients {
  readonly #task: HoldTask;
  readonly #manners: Manners;
  readonly #talk: Talk;
  readonly #pace: Pacer;
  readonly #open = new Set<Socket>();
  /** The beginning of each connect. The task's concurrency bounds them. */
  readonly #connecting = new Map<Socket, number>();
  #tried = 0;
  #opened = 0;
  #failed = 0;
  #lost = 0;
  #settled = false;

  constructor(task: HoldTask) {
    if (task.behaviour === "half-open") throw new Error("half-open connections have a worker of their own");
    this.#task = task;
    this.#manners = MANNERS[task.behaviour];
    this.#talk = new Talk(this.#manners, task);
    this.#pace = new Pacer({ count: task.count, perSecond: task.rampPerSecond });
  }

  start(): void {
    this.#talk.repeat();
    this.#pace.onTick(() => this.#openMore());
    // The timer is unreferenced, because only the channel is to keep the process alive.
    setInterval(() => this.#giveUpSlow(), SWEEP_MS).unref();
    this.#openMore();
  }

  counts(): Counts {
    return { opened: this.#opened, failed: this.#failed, open: this.#open.size, lost: this.#lost };
  }

  #openMore(): void {
    while (this.#connecting.size < this.#task.concurrency && this.#pace.takeOne()) {
      // The sources take turns, even when lost connections are opened again.
      this.#openOne(this.#task.first + (this.#tried++ % this.#task.count));
    }
    if (!this.#settled && this.#pace.done && this.#connecting.size === 0) {
      this.#settled = true;
      tellKeeper({ kind: "settled", ...this.counts() });
    }
  }

  #openOne(i: number): void {
    const { targets, addresses, localPort } = this.#task;
    const target = targets[i % targets.length]!;
    const socket = connect({
      host: target.address,
      port: target.port,
      ...(addresses.length === 0 ? {} : { localAddress: addresses[i % addresses.length]! }),
      ...(localPort === 0 ? {} : { localPort }),
      allowHalfOpen: this.#manners.staysAfterFin,
      ...(this.#manners.reads ? { onread } : {}),
    });
    // A socket never reads if it is paused before it is connected.
    if (!this.#manners.reads) socket.pause();
    this.#connecting.set(socket, performance.now());
    socket.on("connect", onConnect).on("error", ignore).on("close", onClose);
  }

  onConnect(socket: Socket): void {
    this.#connecting.delete(socket);
    this.#open.add(socket);
    this.#opened++;
    this.#talk.begin(socket);
    this.#manners.onConnect?.(socket);
    this.#openMore();
  }

  onClose(socket: Socket): void {
    if (this.#connecting.delete(socket)) this.#failed++;
    else if (this.#open.delete(socket) && !this.#manners.ends) this.#onLost();
    this.#openMore();
  }

  #onLost(): void {
    this.#lost++;
    if (this.#task.persistent) this.#pace.giveBack();
  }

  #giveUpSlow(): void {
    const latest = performance.now() - this.#task.connectTimeoutMs;
    for (const [socket, since] of this.#connecting) {
      if (since > latest) break; // A Map keeps the order of insertion.
      socket.destroy();
    }
  }
}

function onConnect(this: Socket): void {
  holder!.onConnect(this);
}

function onClose(this: Socket): void {
  holder!.onClose(this);
}

function ignore(): void {}
