// A census that remembers: every listener found, as `who` sees it, and beside the conduct of its connections what they have
// shown. For who scans a few times and enforces nothing (diagnose). Blocks the calling thread.

import {
  CensusTaker,
  type CensusTakerOptions,
  type Counted,
  NO_ROW,
  profileFor,
  type ScanOptions,
} from "../census/index.ts";
import { type ListenerPolicy, PROOF_COUNT } from "../model/index.ts";
import { NO_PROOF } from "./proof.ts";
import { PortRules, Prover } from "./prover.ts";
import { defaultPolicy } from "./selected-listeners.ts";

/** Counts by row of the census's rows, PROOF_COUNT each, in the order of PROOFS. */
export interface CensusProofs {
  /** Of connections that the program has accepted. */
  readonly accepted: Uint32Array;
  /** Of those that wait in the accept queue. */
  readonly waiting: Uint32Array;
}

export interface ProvenCensus {
  readonly census: Counted;
  readonly proofs: CensusProofs;
  /** By the listener's number: what its connections were judged by. */
  readonly policies: readonly ListenerPolicy[];
}

export interface CensusTrackerOptions extends CensusTakerOptions {
  /** A monotonic clock in milliseconds. */
  readonly now?: () => number;
}

/** Scans again and again, remembering. Dispose of it with `using`. */
export class CensusTracker implements Disposable {
  readonly #taker: CensusTaker;
  readonly #now: () => number;
  readonly #prover = new Prover();

  constructor({ now = () => performance.now(), ...options }: CensusTrackerOptions = {}) {
    this.#taker = new CensusTaker(options);
    this.#now = now;
  }

  /**
   * `nowMs` is the wall clock, for the census to carry. Throws NetlinkError when the kernel cannot be asked; what is remembered
   * then stays as it was.
   */
  scan(options: ScanOptions, nowMs: number): ProvenCensus {
    const clockMs = this.#now();
    const census = this.#taker.scan(options, nowMs);
    this.#prover.begin(clockMs);
    const policies = census.listeners.map(({ name, endpoints }) => {
      const { port } = endpoints[0]!;
      return { ...defaultPolicy({ name, port }), profile: profileFor(port, options) };
    });
    const proofs = this.#prove(census, policies);
    this.#prover.end(census.listeners.flatMap(({ endpoints }) => endpoints.map(({ port }) => port)));
    return { census, proofs, policies };
  }

  [Symbol.dispose](): void {
    this.#taker[Symbol.dispose]();
  }

  #prove({ rows }: Counted, policies: readonly ListenerPolicy[]): CensusProofs {
    const { table, rowOf } = this.#taker;
    const rules = policies.map((policy) => new PortRules(policy));
    const accepted = new Uint32Array(PROOF_COUNT * rows.length);
    const waiting = new Uint32Array(PROOF_COUNT * rows.length);
    for (let i = 0; i < table.length; i++) {
      const row = rowOf[i]!;
      if (row === NO_ROW) continue;
      const proof = this.#prover.prove(table, i, rules[rows.listener[row]!]!);
      if (proof === NO_PROOF) continue;
      const counts = table.inode[i] === 0 ? waiting : accepted;
      counts[PROOF_COUNT * row + proof]!++;
    }
    return { accepted, waiting };
  }
}
