// Counts connections by listener and source: rows in columns, found through an open-addressing table.
//
//   slots:  [ -, 2, -, -, 0, 1, ... ]     row number + 1, 0 for empty; a power of two, at most half full
//   rows:   listener | source, 4 words | a count for each conduct, or for each of whatever else is counted
//
// Hot: one add() for every connection of a scan (bench/scan.ts); nothing is allocated but by doubling. Sources choose
// their own addresses, so the hash is keyed with a number they cannot know: without it they could collide at will.

import { randomBytes } from "node:crypto";
import { CONDUCTS, SOURCE_WORDS } from "../model/index.ts";

export const CONDUCT_COUNT: number = CONDUCTS.length;

/** A finished tally. Sources are masked addresses in network byte order, IPv4 as ::ffff:a.b.c.d. */
export interface TallyRows {
  readonly length: number;
  /** Index of the census's listener. */
  readonly listener: Uint32Array<ArrayBuffer>;
  /** SOURCE_WORDS a row. */
  readonly source: Uint32Array<ArrayBuffer>;
  /** The tally's columns, a row: CONDUCT_COUNT in the order of CONDUCTS, unless it counts something else. */
  readonly counts: Uint32Array<ArrayBuffer>;
}

const INITIAL_ROWS = 256;

const PROCESS_KEY = randomBytes(4).readInt32LE();

export class Tally {
  length = 0;
  readonly #key: number;
  readonly #columns: number;
  #capacity = INITIAL_ROWS;
  #slots = new Uint32Array(2 * INITIAL_ROWS);
  #listener = new Uint32Array(INITIAL_ROWS);
  #source = new Uint32Array(SOURCE_WORDS * INITIAL_ROWS);
  #counts: Uint32Array<ArrayBuffer>;

  /** `key` is a secret 32-bit number; tests set it, to be the same every time. `columns` is how many counts a row has. */
  constructor(key: number = PROCESS_KEY, columns: number = CONDUCT_COUNT) {
    this.#key = key | 0;
    this.#columns = columns;
    this.#counts = new Uint32Array(columns * INITIAL_ROWS);
  }

  /** The row of a listener and a source, made if there is none. `source` holds the masked address at word `at`. */
  enter(listener: number, source: Uint32Array, at: number): number {
    return this.#rowOf(listener, source[at]!, source[at + 1]!, source[at + 2]!, source[at + 3]!);
  }

  /** The row of a listener and a source, or -1. */
  find(listener: number, source: Uint32Array, at: number): number {
    const [w0, w1, w2, w3] = [source[at]!, source[at + 1]!, source[at + 2]!, source[at + 3]!];
    const mask = this.#slots.length - 1;
    let slot = hash(this.#key, listener, w0, w1, w2, w3) & mask;
    for (;;) {
      const row = this.#slots[slot]! - 1;
      if (row < 0 || this.#is(row, listener, w0, w1, w2, w3)) return row;
      slot = (slot + 1) & mask;
    }
  }

  /** Counts one connection and returns its row. `column` is what is counted: for a tally of conduct a ConductIndex. */
  add(listener: number, source: Uint32Array, at: number, column: number): number {
    const row = this.enter(listener, source, at);
    this.#counts[this.#columns * row + column]!++;
    return row;
  }

  /** Adds row `from` of a finished tally under `listener`, and returns the row that it went into. */
  merge(rows: TallyRows, from: number, listener: number): number {
    const row = this.enter(listener, rows.source, SOURCE_WORDS * from);
    const columns = this.#columns;
    for (let i = 0; i < columns; i++) this.#counts[columns * row + i]! += rows.counts[columns * from + i]!;
    return row;
  }

  /** Forgets all rows and keeps the memory. */
  clear(): void {
    this.#slots.fill(0);
    this.#counts.fill(0, 0, this.#columns * this.length);
    this.length = 0;
  }

  /** A copy that stays as it is when the tally goes on, small enough to hand to another thread. */
  rows(): TallyRows {
    return {
      length: this.length,
      listener: this.#listener.slice(0, this.length),
      source: this.#source.slice(0, SOURCE_WORDS * this.length),
      counts: this.#counts.slice(0, this.#columns * this.length),
    };
  }

  /** The rows themselves, not copied: they hold until the tally is cleared or goes on. */
  view(): TallyRows {
    return {
      length: this.length,
      listener: this.#listener.subarray(0, this.length),
      source: this.#source.subarray(0, SOURCE_WORDS * this.length),
      counts: this.#counts.subarray(0, this.#columns * this.length),
    };
  }

  /** The row of a key, made if there is none. */
  #rowOf(listener: number, w0: number, w1: number, w2: number, w3: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash(this.#key, listener, w0, w1, w2, w3) & mask;
    // Ends, because at most half of the slots are taken.
    for (;;) {
      const row = slots[slot]! - 1;
      if (row < 0) return this.#insert(slot, listener, w0, w1, w2, w3);
      if (this.#is(row, listener, w0, w1, w2, w3)) return row;
      slot = (slot + 1) & mask;
    }
  }

  #is(row: number, listener: number, w0: number, w1: number, w2: number, w3: number): boolean {
    const sources = this.#source;
    const at = SOURCE_WORDS * row;
    return (
      sources[at + 3] === w3 &&
      sources[at + 1] === w1 &&
      sources[at] === w0 &&
      sources[at + 2] === w2 &&
      this.#listener[row] === listener
    );
  }

  #insert(slot: number, listener: number, w0: number, w1: number, w2: number, w3: number): number {
    if (this.length === this.#capacity) {
      this.#grow();
      return this.#rowOf(listener, w0, w1, w2, w3);
    }
    const row = this.length++;
    this.#slots[slot] = row + 1;
    this.#listener[row] = listener;
    const at = SOURCE_WORDS * row;
    this.#source[at] = w0;
    this.#source[at + 1] = w1;
    this.#source[at + 2] = w2;
    this.#source[at + 3] = w3;
    return row;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#listener = enlarged(this.#listener);
    this.#source = enlarged(this.#source);
    this.#counts = enlarged(this.#counts);
    this.#slots = new Uint32Array(2 * this.#capacity);
    const mask = this.#slots.length - 1;
    const source = this.#source;
    for (let row = 0; row < this.length; row++) {
      const at = SOURCE_WORDS * row;
      const words = [source[at]!, source[at + 1]!, source[at + 2]!, source[at + 3]!] as const;
      let slot = hash(this.#key, this.#listener[row]!, ...words) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = row + 1;
    }
  }
}

/** Multiplies and mixes word by word, as MurmurHash3 (32 bit) does. */
function hash(key: number, listener: number, w0: number, w1: number, w2: number, w3: number): number {
  let h = mix(key, listener);
  h = mix(h, w0);
  h = mix(h, w1);
  h = mix(h, w2);
  h = mix(h, w3);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function mix(h: number, word: number): number {
  const k = Math.imul(word, 0xcc9e2d51);
  const m = h ^ Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  return (Math.imul((m << 13) | (m >>> 19), 5) + 0xe6546b64) | 0;
}

function enlarged(column: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * column.length);
  larger.set(column);
  return larger;
}
