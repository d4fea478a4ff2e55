// Counts the connections of one scan by listener, source and proof, and brings their histories up to date. Hot: the loop over
// every socket of a scan (bench/track.ts); it allocates nothing but when tables grow.

import {
  CONDUCT_COUNT,
  conductCounts,
  conductOf,
  type EndpointIndex,
  isDialled,
  NO_LISTENER,
  NO_ROW,
  SourceReader,
  Tally,
} from "../census/index.ts";
import type { SocketTable } from "../linux/index.ts";
import { type ConductCounts, type ListenerPolicy, PROOF_COUNT, type SourcePrefixes } from "../model/index.ts";
import { dueInMs, NO_PROOF } from "./proof.ts";
import { PortRules, Prover } from "./prover.ts";
import type { ProofRows } from "./tracked-census.ts";

export interface TrackBy {
  /** Finds the number of a listener; numbers from `listeners.length` on are nobody's. */
  readonly index: EndpointIndex;
  /** By the listener's number. */
  readonly policies: readonly ListenerPolicy[];
  /** A monotonic clock. */
  readonly nowMs: number;
  readonly prefixes: SourcePrefixes;
}

/** What is counted of one scan; its columns are reused by the next. */
export class TrackCount {
  readonly prover: Prover = new Prover();
  readonly tally: Tally = new Tally(undefined, PROOF_COUNT);
  /** By row of the table: its row in the tally or NO_ROW; and where it has one, its proof and when it was first seen. */
  rowOf: Int32Array<ArrayBuffer> = new Int32Array(0);
  proofs: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  seenAt: Int32Array<ArrayBuffer> = new Int32Array(0);
  /** By row of the tally: in how many milliseconds the first of its connections is due. */
  #dueIn = new Float64Array(0);
  #conduct = new Uint32Array(0);

  /** Counts `table` anew. */
  count(table: SocketTable, by: TrackBy): void {
    this.#makeRoom(table, by.policies.length);
    this.prover.begin(by.nowMs);
    this.tally.clear();
    const rules = by.policies.map((policy) => new PortRules(policy));
    const sources = new SourceReader(by.prefixes);
    for (let row = 0; row < table.length; row++) {
      this.rowOf[row] = NO_ROW;
      const listener = by.index.match(table, row);
      if (listener === NO_LISTENER || listener >= rules.length || isDialled(table, row)) continue;
      const { policy } = rules[listener]!;
      this.#conduct[CONDUCT_COUNT * listener + conductOf(table, row, policy.profile)]!++;
      const proof = this.prover.prove(table, row, rules[listener]!);
      this.seenAt[row] = this.prover.seenAt;
      if (proof === NO_PROOF) continue;
      sources.read(table.remote, row);
      this.#enter(table, row, listener, sources.source, proof, policy);
    }
  }

  /** How many connections of each conduct a listener has. */
  conductOf(listener: number): ConductCounts {
    return conductCounts(this.#conduct, listener);
  }

  /** The rows, once a scan; they hold until the next is counted. `nowMs` is the clock of their `dueAt`. */
  rows(nowMs: number): ProofRows {
    const rows = this.tally.view();
    const dueAt = this.#dueIn.subarray(0, rows.length);
    for (let row = 0; row < rows.length; row++) dueAt[row]! += nowMs;
    return { ...rows, dueAt };
  }

  #enter(
    table: SocketTable,
    row: number,
    listener: number,
    source: Uint32Array,
    proof: number,
    policy: ListenerPolicy,
  ): void {
    const at = this.tally.length;
    const tallied = this.tally.add(listener, source, 0, proof);
    this.rowOf[row] = tallied;
    this.proofs[row] = proof;
    const dueIn = dueInMs(proof, table, row, this.prover.remembered, policy.profile);
    if (tallied < at) {
      if (dueIn < this.#dueIn[tallied]!) this.#dueIn[tallied] = dueIn;
      return;
    }
    if (tallied === this.#dueIn.length) {
      const larger = new Float64Array(Math.max(1024, 2 * tallied));
      larger.set(this.#dueIn);
      this.#dueIn = larger;
    }
    this.#dueIn[tallied] = dueIn;
  }

  #makeRoom({ capacity }: SocketTable, listeners: number): void {
    if (this.rowOf.length < capacity) {
      this.rowOf = new Int32Array(capacity);
      this.proofs = new Uint8Array(capacity);
      this.seenAt = new Int32Array(capacity);
    }
    this.#conduct = new Uint32Array(CONDUCT_COUNT * listeners);
  }
}
