// The pool of honest clients, on its owner's side.

import type { HonestReport, ServerAddress } from "./messages.ts";
import type { Namespace } from "./namespace.ts";
import { silence } from "./network.ts";
import type { LabProgram } from "./program.ts";
import type { ProtocolName } from "./protocols/index.ts";

const READY_TIMEOUT_MS = 30_000;
const REPORT_TIMEOUT_MS = 5000;

export interface HonestOptions {
  readonly target: ServerAddress;
  /** How many connections stay, at most 15 000. */
  readonly held: number;
  /** 0 for no calls. */
  readonly callEveryMs: number;
  readonly protocol?: ProtocolName;
  /** How often a held client says something to keep its connection. */
  readonly heldEveryMs?: number;
  /** How often a held client joins anew, as phones register again; if not given, never. */
  readonly renewEveryMs?: number;
  /** If given, held clients that are cut come back at a moment within this time. */
  readonly reconnectWithinMs?: number;
  /** How long an answer may take from the start of the connect. */
  readonly timeoutMs?: number;
  /** If given, a call that is turned away tries again after this time, until timeoutMs is over. */
  readonly callRetryMs?: number;
}

export interface HonestPlace {
  readonly namespace: Namespace;
  readonly addresses: readonly string[];
  readonly callAddresses: readonly string[];
  /** The prefixes that vanish() silences. */
  readonly prefixes: readonly string[];
}

export class HonestClients {
  readonly addresses: readonly string[];
  readonly callAddresses: readonly string[];
  readonly #worker: LabProgram;
  readonly #place: HonestPlace;

  private constructor(worker: LabProgram, place: HonestPlace) {
    this.#worker = worker;
    this.#place = place;
    this.addresses = place.addresses;
    this.callAddresses = place.callAddresses;
  }

  /** Starts the pool. Resolves when all held clients have joined; then the calls begin. */
  static async start(options: HonestOptions, place: HonestPlace): Promise<HonestClients> {
    const { target, held, callEveryMs, heldEveryMs = 1000, timeoutMs = 1000 } = options;
    const { namespace, addresses, callAddresses } = place;
    const worker = await namespace.startWorker("honest-worker", {
      kind: "honest",
      ...{ target, addresses, callAddresses, held, callEveryMs, heldEveryMs, timeoutMs },
      protocol: options.protocol ?? "echo",
      renewEveryMs: options.renewEveryMs ?? null,
      reconnectWithinMs: options.reconnectWithinMs ?? null,
      callRetryMs: options.callRetryMs ?? null,
    });
    await worker.next("ready", { what: `${held} honest connections`, timeoutMs: READY_TIMEOUT_MS });
    return new HonestClients(worker, place);
  }

  async report(): Promise<HonestReport> {
    const reported = this.#worker.next("reported", { what: "its report", timeoutMs: REPORT_TIMEOUT_MS });
    this.#worker.tell({ kind: "report" });
    const { kind: _, ...report } = await reported;
    return report;
  }

  /** Makes the clients go like phones with an empty battery: no FIN, no reset, and no answer to anything from then on. */
  async vanish(): Promise<void> {
    await silence(this.#place.namespace, this.#place.prefixes);
    await this.#worker.stop();
  }

  async stop(): Promise<void> {
    await this.#worker.stop();
  }
}
