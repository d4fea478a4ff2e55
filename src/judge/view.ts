// A watch census as the rules read it: by listener and source, with the sums that they ask for. The sums of all rows are
// columns, made in one pass; a SourceRow object is made only for the sources that a rule looks at.

import type { ProofRows, WatchCensus, WatchedListener } from "../census/index.ts";
import {
  type AllowEntry,
  contains,
  formatNetwork,
  isIpv4,
  MERITS,
  maskBits,
  type Network,
  OVERDUE,
  PROOF_COUNT,
  Proof,
  YOUNG,
} from "../model/index.ts";
import type { Exemptions } from "./judge-types.ts";

const SOURCE_WORDS = 4;

/** One source at one listener. */
export interface SourceRow {
  readonly row: number;
  /** Index of the view's listener. */
  readonly listener: number;
  readonly network: Network;
  /** Connections past every doubt's time. */
  readonly overdue: number;
  /** Connections that may still prove themselves. */
  readonly young: number;
  /** Connections such as honest clients have. */
  readonly merits: number;
  /** All of these. */
  readonly held: number;
}

export type Exemption =
  | { readonly kind: "none" }
  /** Not judged at all. */
  | { readonly kind: "exempt"; readonly reason: string }
  | { readonly kind: "limited"; readonly entry: AllowEntry; readonly connectionsPerSource: number };

const NOT_EXEMPT: Exemption = { kind: "none" };

export class View {
  readonly listeners: readonly WatchedListener[];
  readonly takenAt: number;
  readonly #rows: ProofRows;
  readonly #bits: { readonly ipv4: number; readonly ipv6: number };
  readonly #exemptions: Exemptions;
  readonly #overdue: Uint32Array;
  readonly #young: Uint32Array;
  readonly #merits: Uint32Array;
  readonly #made = new Map<number, SourceRow>();
  #proven: Uint32Array | null = null;
  #meritsByNetwork: ReadonlyMap<string, number> | null = null;

  constructor(census: WatchCensus, exemptions: Exemptions) {
    this.listeners = census.listeners;
    this.takenAt = census.takenAt;
    this.#rows = census.rows;
    this.#bits = { ipv4: 96 + census.prefixes.ipv4, ipv6: census.prefixes.ipv6 };
    this.#exemptions = exemptions;
    this.#overdue = sums(census.rows, OVERDUE);
    this.#young = sums(census.rows, YOUNG);
    this.#merits = sums(census.rows, MERITS);
  }

  get length(): number {
    return this.#rows.length;
  }

  /** Sources with at least one connection past its time. */
  *withOverdue(): Iterable<SourceRow> {
    for (let row = 0; row < this.length; row++) if (this.#overdue[row] !== 0) yield this.at(row);
  }

  /** Sources with at least so many connections with merit. */
  *withMerits(least: number): Iterable<SourceRow> {
    for (let row = 0; row < this.length; row++) if (this.#merits[row]! >= least) yield this.at(row);
  }

  /** Sources of some listeners that hold at least so many connections. */
  *holding(listeners: ReadonlySet<number>, least: number): Iterable<SourceRow> {
    for (let row = 0; row < this.length; row++) {
      if (listeners.has(this.#rows.listener[row]!) && this.heldBy(row) >= least) yield this.at(row);
    }
  }

  heldBy(row: number): number {
    return this.#overdue[row]! + this.#young[row]! + this.#merits[row]!;
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

  /** Sources of a listener with connections that the program has not closed. */
  *withLeaked(listener: number): Iterable<SourceRow> {
    for (let row = 0; row < this.length; row++) {
      const leaked = this.#rows.counts[PROOF_COUNT * row + Proof.leaked]!;
      if (leaked > 0 && this.#rows.listener[row] === listener) yield this.at(row);
    }
  }

  /** Connections with merit of all sources of one listener in a network of a width that may be banned. */
  meritsIn(listener: number, network: Network): number {
    this.#meritsByNetwork ??= sumsByNetwork(this.#rows, (row) => this.#merits[row]!);
    const words = new Uint32Array(network.address.slice().buffer);
    return this.#meritsByNetwork.get(networkKey(listener, words, 0, network.bits)) ?? 0;
  }

  /** By listener: the most connections without proof that one network has, of those that may be banned as a whole. */
  mostUnprovenInNetwork(): number[] {
    const most = this.listeners.map(() => 0);
    const unproven = (row: number): number => this.#overdue[row]! + this.#young[row]!;
    sumsByNetwork(this.#rows, unproven, (listener, sum) => {
      if (sum > most[listener]!) most[listener] = sum;
    });
    return most;
  }

  /** The limits of allowlist entries that have one. */
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
    const known = this.#made.get(row);
    if (known !== undefined) return known;
    const words = this.#rows.source.slice(SOURCE_WORDS * row, SOURCE_WORDS * (row + 1));
    const address = new Uint8Array(words.buffer);
    const made: SourceRow = {
      row,
      listener: this.#rows.listener[row]!,
      network: { address, bits: isIpv4(address) ? this.#bits.ipv4 : this.#bits.ipv6 },
      overdue: this.#overdue[row]!,
      young: this.#young[row]!,
      merits: this.#merits[row]!,
      held: this.heldBy(row),
    };
    this.#made.set(row, made);
    return made;
  }

  /** What standings and excesses are remembered by. */
  keyOf({ listener, network }: SourceRow): string {
    return sourceKey(this.listeners[listener]!.name, network);
  }

  exemption({ network }: SourceRow): Exemption {
    return exemptionOf(this.#exemptions, network);
  }

  /** Whether any exempt source lies inside a network, so that it must not be banned as a whole. */
  holdsExempt(network: Network): boolean {
    const { allow, protected: own } = this.#exemptions;
    const inside = (other: Network): boolean =>
      contains(network, other.address) || contains(other, network.address);
    return own.some(inside) || allow.some((entry) => inside(entry.network));
  }
}

/** What is known of a source by the lists; the allow entry with the longest prefix counts. */
export function exemptionOf({ allow, protected: own }: Exemptions, source: Network): Exemption {
  const covers = (network: Network): boolean =>
    network.bits <= source.bits && contains(network, source.address);
  // A source that is wider than one of our own addresses has it inside.
  if (own.some((network) => covers(network) || contains(source, network.address))) {
    return { kind: "exempt", reason: "one of this host's own addresses, its gateway, or yours" };
  }
  let best: AllowEntry | null = null;
  for (const entry of allow) {
    const matches =
      covers(entry.network) || (entry.network.bits > source.bits && contains(source, entry.network.address));
    if (matches && (best === null || entry.network.bits > best.network.bits)) best = entry;
  }
  if (best === null) return NOT_EXEMPT;
  if (best.connectionsPerSource === null) {
    return { kind: "exempt", reason: best.reason ?? `allowlisted by ${formatNetwork(best.network)}` };
  }
  return { kind: "limited", entry: best, connectionsPerSource: best.connectionsPerSource };
}

export function sourceKey(listener: string, source: Network): string {
  return `${listener} ${formatNetwork(source)}`;
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

/** Widths, of the 128 bits, of the networks that may be banned as a whole: IPv4 /24, IPv6 /48 and /56. */
export const NETWORK_BITS = { ipv4: [120], ipv6: [48, 56] } as const;

const MAPPED_WORD = 0xffff0000;

/** Adds up the rows' values by listener and network; `onSum` is told each sum as it grows. */
function sumsByNetwork(
  rows: ProofRows,
  countOf: (row: number) => number,
  onSum?: (listener: number, sum: number) => void,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (let row = 0; row < rows.length; row++) {
    const value = countOf(row);
    if (value === 0) continue;
    const at = SOURCE_WORDS * row;
    const ipv4 = rows.source[at] === 0 && rows.source[at + 1] === 0 && rows.source[at + 2] === MAPPED_WORD;
    for (const bits of ipv4 ? NETWORK_BITS.ipv4 : NETWORK_BITS.ipv6) {
      const key = networkKey(rows.listener[row]!, rows.source, at, bits);
      const sum = (sums.get(key) ?? 0) + value;
      sums.set(key, sum);
      onSum?.(rows.listener[row]!, sum);
    }
  }
  return sums;
}

/** Words are in network order as a little-endian host reads them: the first bytes of an address are the low ones. */
function networkKey(listener: number, words: Uint32Array, at: number, bits: number): string {
  if (bits === 120) return `${listener} 4 ${words[at + 3]! & 0xff_ff_ff}`;
  return `${listener} ${bits} ${words[at]!} ${words[at + 1]! & (bits === 48 ? 0xff_ff : 0xff_ff_ff)}`;
}
