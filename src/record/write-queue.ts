// The writes that wait, in order, while the disk refuses them. The queue has a bound: writes that do not fit are counted.

import type { Tables } from "./tables/tables.ts";

/** One change of the ledger, written whole or not at all. */
export interface Write {
  /** Rows that it is about, for the bound. */
  readonly entries: number;
  /** Whether it is to survive a power failure, too: what somebody asked for and was told is done. */
  readonly durable: boolean;
  readonly apply: (tables: Tables) => void;
  /** An earlier write of the same name need not be kept: this one says all that it said. */
  readonly replaces?: string;
}

export class WriteQueue {
  readonly #max: number;
  #writes: Write[] = [];
  #waiting = 0;
  #dropped = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Entries that wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Entries that found no room, ever. */
  get dropped(): number {
    return this.#dropped;
  }

  get writes(): readonly Write[] {
    return this.#writes;
  }

  /** False where there is no room: the write is dropped. */
  push(write: Write): boolean {
    if (write.replaces !== undefined) this.#takeOut(write.replaces);
    if (this.#waiting + write.entries > this.#max) {
      this.drop(write.entries);
      return false;
    }
    this.#writes.push(write);
    this.#waiting += write.entries;
    return true;
  }

  /** Counts what had no room elsewhere. */
  drop(entries: number): void {
    this.#dropped += entries;
  }

  clear(): void {
    this.#writes = [];
    this.#waiting = 0;
  }

  #takeOut(name: string): void {
    this.#writes = this.#writes.filter((write) => write.replaces !== name);
    this.#waiting = this.#writes.reduce((sum, { entries }) => sum + entries, 0);
  }
}
