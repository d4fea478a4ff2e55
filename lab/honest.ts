// The pool of honest clients, as its owner holds it.

import type { HonestReport, Target } from "./messages.ts";
import type { Namespace } from "./namespace.ts";
import type { Program } from "./program.ts";

const READY_TIMEOUT_MS = 30_000;
const REPORT_TIMEOUT_MS = 5000;

export interface HonestOptions {
  readonly target: Target;
  /** Connections that stay, at most 15 000. */
  readonly held: number;
  readonly callEveryMs: number;
  readonly protocol?: "echo";
  /** How often a held connection exchanges a line. */
  readonly heldEveryMs?: number;
  /** How long an answer may take, from the start of the connect. */
  readonly timeoutMs?: number;
}

export class HonestClients {
  readonly addresses: readonly string[];
  readonly #worker: Program;

  private constructor(worker: Program, addresses: readonly string[]) {
    this.#worker = worker;
    this.addresses = addresses;
  }

  /** Resolves when all held connections stand; then the calls begin. */
  static async start(
    options: HonestOptions,
    place: { readonly namespace: Namespace; readonly addresses: readonly string[] },
  ): Promise<HonestClients> {
    const { target, held, callEveryMs, heldEveryMs = 1000, timeoutMs = 1000 } = options;
    const { namespace, addresses } = place;
    const worker = await namespace.startWorker("honest-worker", {
      kind: "honest",
      ...{ target, addresses, held, callEveryMs, heldEveryMs, timeoutMs },
    });
    await worker.next("ready", { what: `${held} honest connections`, timeoutMs: READY_TIMEOUT_MS });
    return new HonestClients(worker, addresses);
  }

  async report(): Promise<HonestReport> {
    const reported = this.#worker.next("reported", { what: "its report", timeoutMs: REPORT_TIMEOUT_MS });
    this.#worker.tell({ kind: "report" });
    const { kind: _, ...report } = await reported;
    return report;
  }

  async stop(): Promise<void> {
    await this.#worker.stop();
  }
}
