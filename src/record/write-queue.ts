// The queue of writes that wait, in order, while the disk refuses them. It has a bound: writes that do not fit are
// counted.

import type { Tables } from "./tables/tables.ts";

/** One change of the ledger, written whole or not at all. */
export interface Write {
  /** How many rows it changes, for the bound. */
  readonly entries: number;
  /** Whether it must survive a power failure too: somebody asked for it and was told that it is done. */
  readonly durable: boolean;
  readonly apply: (tables: Tables) => void;
  /** A name. An earlier write of the same name is dropped, because this one says all that it said. */
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

  /** How many entries wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** How many entries have found no room, ever. */
  get dropped(): number {
    return this.#dropped;
  }

  get writes(): readonly Write[] {
    return this.#writes;
  }

  /** Adds a write. False if there is no room: the write is dropped. */
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

  /** Counts entries that had no room elsewhere. */
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
