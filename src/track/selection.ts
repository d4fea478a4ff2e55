// The rows of a scan's socket table by source: which connections an eviction means. The table is sorted by row of the
// tally once a scan, when the first eviction asks (a counting sort), so that a plan with 400 sources does not walk 100 000
// sockets 400 times.
//
//   starts:   [ 0, 3, 3, 7, ... ]           by row of the tally: where its sockets begin in `members`
//   members:  [ 8, 9, 41 | 5, 6, 7, 12 | ... ]

import { maskWords, NO_ROW, SourceReader, type Tally } from "../census/index.ts";
import type { SocketTable } from "../linux/index.ts";
import {
  contains,
  type Eviction,
  ipv4Bits,
  type Network,
  PROOF_COUNT,
  Proof,
  parseNetwork,
  SOURCE_WORDS,
  sourceBits,
} from "../model/index.ts";
import type { TrackedCensus } from "./tracked-census.ts";

/** A scan as it is kept for questions about its sockets. */
export interface KeptScan {
  readonly census: TrackedCensus;
  readonly table: SocketTable;
  readonly tally: Tally;
  /** By row of the table: its row in the tally, or NO_ROW. */
  readonly rowOf: Int32Array;
  /** By row of the table: its place in PROOFS, where it is in the tally. */
  readonly proofs: Uint8Array;
  /** By row of the table: when it was first seen, in ticks. */
  readonly seenAt: Int32Array;
}

const NOT_MEANT = 255;

export class Selection {
  readonly #scanned: KeptScan;
  readonly #starts: Uint32Array;
  readonly #members: Uint32Array;
  /** By row of the table: whether it is gone since the scan. */
  readonly #gone: Uint8Array;

  constructor(scanned: KeptScan) {
    this.#scanned = scanned;
    const { census, table, rowOf } = scanned;
    this.#gone = new Uint8Array(table.length);
    this.#starts = new Uint32Array(census.rows.length + 1);
    for (let i = 0; i < table.length; i++) if (rowOf[i] !== NO_ROW) this.#starts[rowOf[i]! + 1]!++;
    for (let row = 0; row < census.rows.length; row++) this.#starts[row + 1]! += this.#starts[row]!;
    const next = this.#starts.slice();
    this.#members = new Uint32Array(this.#starts[census.rows.length]!);
    for (let i = 0; i < table.length; i++) if (rowOf[i] !== NO_ROW) this.#members[next[rowOf[i]!]!++] = i;
  }

  /** Rows that are gone are not selected any more. */
  drop(rows: Uint32Array): void {
    for (const row of rows) this.#gone[row] = 1;
  }

  /** The rows of the table that an eviction means, in the order in which they are given up. */
  select({ source, listener, proofs, max }: Eviction): Uint32Array<ArrayBuffer> {
    const rank = new Uint8Array(PROOF_COUNT).fill(NOT_MEANT);
    for (const [i, proof] of proofs.entries()) if (rank[Proof[proof]] === NOT_MEANT) rank[Proof[proof]] = i;
    const meant: number[] = [];
    this.#each(source, listener, (i) => {
      if (rank[this.#scanned.proofs[i]!] !== NOT_MEANT && this.#gone[i] === 0) meant.push(i);
    });
    const rows = Uint32Array.from(meant).sort((a, b) => this.#compare(rank, a, b));
    return rows.slice(0, Math.max(0, Math.min(max, rows.length)));
  }

  /** How many connections of each proof a source or network has, by the watch's listener; PROOF_COUNT each. */
  count(source: Network): Uint32Array {
    const { census, rowOf, proofs } = this.#scanned;
    const counts = new Uint32Array(PROOF_COUNT * census.listeners.length);
    this.#each(source, null, (i) => {
      counts[PROOF_COUNT * census.rows.listener[rowOf[i]!]! + proofs[i]!]!++;
    });
    return counts;
  }

  /** By the proofs' order, then the newest first: the last seen first, and of one scan's the ones heard last. */
  #compare(rank: Uint8Array, a: number, b: number): number {
    const { proofs, seenAt, table } = this.#scanned;
    return (
      rank[proofs[a]!]! - rank[proofs[b]!]! ||
      seenAt[b]! - seenAt[a]! ||
      table.lastDataReceivedMs[a]! - table.lastDataReceivedMs[b]! ||
      a - b
    );
  }

  #each(source: Network, listener: string | null, take: (row: number) => void): void {
    const within = new Within(source);
    const { census, table } = this.#scanned;
    const whole = source.bits <= bitsOfSources(source, census).least;
    for (const row of this.#rowsOf(source, within, listener)) {
      for (let m = this.#starts[row]!; m < this.#starts[row + 1]!; m++) {
        const i = this.#members[m]!;
        if (whole || within.covers(table.remote, i)) take(i);
      }
    }
  }

  /** Rows of the tally that may have connections of the network. */
  #rowsOf(source: Network, within: Within, listener: string | null): readonly number[] {
    const { census, tally } = this.#scanned;
    const { rows } = census;
    const meant = (number: number) => listener === null || census.listeners[number]!.name === listener;
    const reader = new SourceReader(census.prefixes);
    reader.read(within.words, 0);
    const found: number[] = [];
    if (source.bits >= bitsOfSources(source, census).most) {
      for (let number = 0; number < census.listeners.length; number++) {
        const row = meant(number) ? tally.find(number, reader.source, 0) : -1;
        if (row >= 0) found.push(row);
      }
      return found;
    }
    for (let row = 0; row < rows.length; row++) {
      if (within.covers(rows.source, row) && meant(rows.listener[row]!)) found.push(row);
    }
    return found;
  }
}

const ALL_IPV4: Network = parseNetwork("0.0.0.0/0")!;

/** Leading bits of 128 that make one source of the network's family: two numbers where it has sources of both. */
function bitsOfSources(network: Network, { prefixes }: TrackedCensus): { least: number; most: number } {
  if (network.bits < ALL_IPV4.bits && contains(network, ALL_IPV4.address)) {
    const [ipv4, ipv6] = [ipv4Bits(prefixes.ipv4), prefixes.ipv6];
    return { least: Math.min(ipv4, ipv6), most: Math.max(ipv4, ipv6) };
  }
  const bits = sourceBits(network.address, prefixes);
  return { least: bits, most: bits };
}

/** Whether addresses in columns lie in a network. */
class Within {
  readonly words: Uint32Array;
  readonly #mask: Uint32Array;

  constructor({ address, bits }: Network) {
    this.words = new Uint32Array(address.slice().buffer);
    this.#mask = maskWords(bits);
  }

  covers(addresses: Uint32Array, row: number): boolean {
    const at = SOURCE_WORDS * row;
    for (let i = 0; i < SOURCE_WORDS; i++) {
      if (((addresses[at + i]! ^ this.words[i]!) & this.#mask[i]!) !== 0) return false;
    }
    return true;
  }
}
