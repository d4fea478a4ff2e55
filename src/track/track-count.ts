// Counts the connections of one scan by listener, source and proof, and brings their histories up to date. Hot: the loop over
// every socket of a scan (bench/watch.ts); it allocates nothing but when tables grow.

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
import {
  type ConductCounts,
  type ListenerPolicy,
  PROOF_COUNT,
  type SourcePrefixes,
  TcpState,
} from "../model/index.ts";
import { type ExchangeRule, exchangeRule, follow, type Sighting } from "./exchanges.ts";
import { History, NO_HISTORY } from "./history.ts";
import { dueInMs, NO_PROOF, proofOf, type Remembered, recall } from "./proof.ts";
import type { ProofRows } from "./tracked-census.ts";

export interface TrackBy {
  /** Finds the number of a listener; numbers from `listeners.length` on are nobody's. */
  readonly index: EndpointIndex;
  /** By the listener's number. */
  readonly policies: readonly ListenerPolicy[];
  /** By port: 1 where the last scan watched it, so that connections that are new to the history are new. */
  readonly trackedPorts: Uint8Array;
  /** A monotonic clock. */
  readonly nowMs: number;
  readonly prefixes: SourcePrefixes;
}

/** What is counted of one scan; its columns are reused by the next. */
export class TrackCount {
  readonly history: History = new History();
  readonly tally: Tally = new Tally(undefined, PROOF_COUNT);
  /** By row of the table: its row in the tally or NO_ROW; and where it has one, its proof and when it was first seen. */
  rowOf: Int32Array<ArrayBuffer> = new Int32Array(0);
  proofs: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  seenAt: Int32Array<ArrayBuffer> = new Int32Array(0);
  /** By row of the tally: in how many milliseconds the first of its connections is due. */
  #dueIn = new Float64Array(0);
  #conduct = new Uint32Array(0);
  readonly #remembered: Remembered = { exchanges: 0, flags: 0, heardForMs: 0 };

  /** Counts `table` anew. */
  count(table: SocketTable, by: TrackBy): void {
    this.#makeRoom(table, by.policies.length);
    this.history.begin();
    this.tally.clear();
    const rules = by.policies.map((policy) => new PortRules(policy));
    const sources = new SourceReader(by.prefixes);
    const known: Sighting = { nowMs: by.nowMs, first: false };
    const first: Sighting = { nowMs: by.nowMs, first: true };
    for (let row = 0; row < table.length; row++) {
      this.rowOf[row] = NO_ROW;
      const listener = by.index.match(table, row);
      if (listener === NO_LISTENER || listener >= rules.length || isDialled(table, row)) continue;
      const { policy } = rules[listener]!;
      const sighting = by.trackedPorts[table.localPort[row]!] === 1 ? known : first;
      this.#conduct[CONDUCT_COUNT * listener + conductOf(table, row, policy.profile)]!++;
      const proof = this.#prove(table, row, rules[listener]!, sighting);
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

  /** Remembers what the connection says, and returns its proof. */
  #prove(table: SocketTable, row: number, rules: PortRules, sighting: Sighting): number {
    const remembered = this.#remembered;
    this.seenAt[row] = 0;
    if (table.state[row] !== TcpState.ESTABLISHED)
      return proofOf(table, row, remembered, rules.policy.profile);
    const { history } = this;
    const h = history.enter(table.cookieLow[row]!, table.cookieHigh[row]!);
    if (h !== NO_HISTORY) {
      follow(history, h, table, row, rules.of(table.localPort[row]!), sighting);
      this.seenAt[row] = history.seenAt[h]!;
    }
    recall(history, h, sighting.nowMs, remembered);
    return proofOf(table, row, remembered, rules.policy.profile);
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
    const dueIn = dueInMs(proof, table, row, this.#remembered, policy.profile);
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

/** What an exchange takes on each of a listener's ports. */
class PortRules {
  readonly policy: ListenerPolicy;
  readonly #plain: ExchangeRule;
  readonly #tls: ExchangeRule;

  constructor(policy: ListenerPolicy) {
    this.policy = policy;
    this.#plain = exchangeRule(policy, false);
    this.#tls = exchangeRule(policy, true);
  }

  of(port: number): ExchangeRule {
    return this.policy.tlsPorts.includes(port) ? this.#tls : this.#plain;
  }
}
