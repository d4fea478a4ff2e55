// A tracked census as the rules read it: by listener and source, with the sums that they ask for. The sums of all rows
// are columns, made in one pass. A SourceRow object is made only for the sources that a rule examines.

import {
  DEAD,
  formatNetwork,
  isIpv4Words,
  LEFT_OPEN,
  MERITS,
  maskBits,
  type Network,
  OVERDUE,
  PROOF_COUNT,
  Proof,
  SOURCE_WORDS,
  type SourcePrefixes,
  sourceBits,
  YOUNG,
} from "../model/index.ts";
import type { ProofRows, TrackedCensus, TrackedListener } from "../track/index.ts";
import { type Exemption, ExemptionIndex } from "./exemptions.ts";
import type { Exemptions } from "./judge-types.ts";
import { addressWords, NETWORK_BITS, networkKey } from "./keys.ts";

/** One source at one listener. */
export interface SourceRow {
  readonly row: number;
  /** Index of the view's listener. */
  readonly listener: number;
  readonly network: Network;
  /** Connections whose time to prove themselves has run out. */
  readonly overdue: number;
  /** Connections that may still prove themselves. */
  readonly young: number;
  /** Connections with a proof that honest clients have. */
  readonly merits: number;
  /** Connections whose peer takes nothing, or answers nothing. */
  readonly dead: number;
  /** All of these. */
  readonly held: number;
}

export class View {
  readonly listeners: readonly TrackedListener[];
  readonly takenAt: number;
  readonly #rows: ProofRows;
  readonly #prefixes: SourcePrefixes;
  readonly #exemptions: Exemptions;
  readonly #overdue: Uint32Array;
  readonly #young: Uint32Array;
  readonly #merits: Uint32Array;
  readonly #dead: Uint32Array;
  readonly #index: ExemptionIndex;
  readonly #made: SourceRow[] = [];
  readonly #texts: string[] = [];
  readonly #keys: string[] = [];
  readonly #exempt: Exemption[] = [];
  #proven: Uint32Array | null = null;
  #meritsByNetwork: ReadonlyMap<string | number, number> | null = null;

  constructor(census: TrackedCensus, exemptions: Exemptions) {
    this.listeners = census.listeners;
    this.takenAt = census.takenAt;
    this.#rows = census.rows;
    this.#prefixes = census.prefixes;
    this.#exemptions = exemptions;
    this.#index = new ExemptionIndex(exemptions);
    this.#overdue = sums(census.rows, OVERDUE);
    this.#young = sums(census.rows, YOUNG);
    this.#merits = sums(census.rows, MERITS);
    this.#dead = sums(census.rows, DEAD);
  }

  get length(): number {
    return this.#rows.length;
  }

  /** Sources with at least one connection past its time. */
  *withOverdue(): Iterable<SourceRow> {
    for (let row = 0; row < this.length; row++) if (this.#overdue[row] !== 0) yield this.at(row);
  }

  /** Sources with connections past all patience: silent or dead. */
  *withLate(): Iterable<SourceRow> {
    for (let row = 0; row < this.length; row++) {
      if (this.#dead[row] !== 0 || this.#rows.counts[PROOF_COUNT * row + Proof.silent] !== 0)
        yield this.at(row);
    }
  }

  /** Sources with at least `least` connections with merit. */
  *withMerits(least: number): Iterable<SourceRow> {
    for (let row = 0; row < this.length; row++) if (this.#merits[row]! >= least) yield this.at(row);
  }

  /** Sources of these listeners that hold at least `least` connections. */
  *holding(listeners: ReadonlySet<number>, least: number): Iterable<SourceRow> {
    for (let row = 0; row < this.length; row++) {
      if (listeners.has(this.#rows.listener[row]!) && this.heldBy(row) >= least) yield this.at(row);
    }
  }

  heldBy(row: number): number {
    return this.#overdue[row]! + this.#young[row]! + this.#merits[row]! + this.#dead[row]!;
  }

  overdueOf(row: number): number {
    return this.#overdue[row]!;
  }

  youngOf(row: number): number {
    return this.#young[row]!;
  }

  listenerOf(row: number): number {
    return this.#rows.listener[row]!;
  }

  dueAt(row: number): number {
    return this.#rows.dueAt[row]!;
  }

  /** How many connections of these listeners may still prove themselves. */
  youngIn(listeners: ReadonlySet<number>): number {
    let young = 0;
    for (let row = 0; row < this.length; row++) {
      if (listeners.has(this.#rows.listener[row]!)) young += this.#young[row]!;
    }
    return young;
  }

  /** Sources of a listener with connections that the program has not closed. */
  *withLeaked(listener: number): Iterable<SourceRow> {
    for (let row = 0; row < this.length; row++) {
      if (this.#rows.listener[row] === listener && this.#isLeftOpen(row)) yield this.at(row);
    }
  }

  #isLeftOpen(row: number): boolean {
    return LEFT_OPEN.some((proof) => this.#rows.counts[PROOF_COUNT * row + Proof[proof]] !== 0);
  }

  /** How many connections with merit one listener has in a network. The network's width is one that may be banned. */
  meritsIn(listener: number, network: Network): number {
    this.#meritsByNetwork ??= sumByNetwork(this.#rows, this.#merits);
    return (
      this.#meritsByNetwork.get(networkKey(listener, addressWords(network.address), 0, network.bits)) ?? 0
    );
  }

  /** The limits that allowlist entries set. */
  allowedLimits(): number[] {
    return this.#exemptions.allow
      .map(({ connectionsPerSource }) => connectionsPerSource)
      .filter((limit) => limit !== null);
  }

  /** Proven connections of all sources of a listener. */
  provenOf(listener: number): number {
    this.#proven ??= provenByListener(this.#rows, this.listeners.length);
    return this.#proven[listener]!;
  }

  count(source: SourceRow, proof: Proof): number {
    return this.#rows.counts[PROOF_COUNT * source.row + Proof[proof]]!;
  }

  at(row: number): SourceRow {
    const known = this.#made[row];
    if (known !== undefined) return known;
    const words = this.#rows.source.slice(SOURCE_WORDS * row, SOURCE_WORDS * (row + 1));
    const address = new Uint8Array(words.buffer);
    const made: SourceRow = {
      row,
      listener: this.#rows.listener[row]!,
      network: { address, bits: sourceBits(address, this.#prefixes) },
      overdue: this.#overdue[row]!,
      young: this.#young[row]!,
      merits: this.#merits[row]!,
      dead: this.#dead[row]!,
      held: this.heldBy(row),
    };
    this.#made[row] = made;
    return made;
  }

  /** The source as people write it. */
  textOf({ row, network }: SourceRow): string {
    this.#texts[row] ??= formatNetwork(network);
    return this.#texts[row];
  }

  /** The key of standings and excesses. */
  keyOf(source: SourceRow): string {
    this.#keys[source.row] ??= sourceKey(this.listeners[source.listener]!.name, this.textOf(source));
    return this.#keys[source.row]!;
  }

  exemption({ row, network }: SourceRow): Exemption {
    this.#exempt[row] ??= this.#index.of(network);
    return this.#exempt[row];
  }

  /** Sums of the connections without merit, by networkKey(). */
  unprovenByNetwork(): ReadonlyMap<string | number, number> {
    const unproven = this.#overdue.map((overdue, row) => overdue + this.#young[row]!);
    return sumByNetwork(this.#rows, unproven);
  }

  /** Whether a network contains an exempt source, and so must not be banned as a whole. */
  holdsExempt(network: Network): boolean {
    return this.#index.of(network).kind !== "none";
  }
}

export function sourceKey(listener: string, source: string): string {
  return `${listener} ${source}`;
}

/** The network of sources that a source lies in. */
export function widen(source: Network, bits: number): Network {
  return { address: maskBits(source.address, bits), bits };
}

function sums(rows: ProofRows, proofs: readonly Proof[]): Uint32Array {
  const columns = proofs.map((proof) => Proof[proof]);
  const sum = new Uint32Array(rows.length);
  for (let row = 0; row < rows.length; row++) {
    for (const column of columns) sum[row]! += rows.counts[PROOF_COUNT * row + column]!;
  }
  return sum;
}

function provenByListener(rows: ProofRows, listeners: number): Uint32Array {
  const proven = new Uint32Array(listeners);
  for (let row = 0; row < rows.length; row++) {
    proven[rows.listener[row]!]! += rows.counts[PROOF_COUNT * row + Proof.proven]!;
  }
  return proven;
}

/** The sums of a column by network, for every width that may be banned as a whole. */
export function sumByNetwork(rows: ProofRows, column: Uint32Array): Map<string | number, number> {
  const sums = new Map<string | number, number>();
  for (let row = 0; row < rows.length; row++) {
    if (column[row] === 0) continue;
    const at = SOURCE_WORDS * row;
    for (const bits of isIpv4Words(rows.source, at) ? NETWORK_BITS.ipv4 : NETWORK_BITS.ipv6) {
      const key = networkKey(rows.listener[row]!, rows.source, at, bits);
      sums.set(key, (sums.get(key) ?? 0) + column[row]!);
    }
  }
  return sums;
}
