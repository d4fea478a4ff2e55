// What is remembered of every connection from scan to scan, keyed by the 64-bit cookie that names a socket for ever
// (sock_gen_cookie() in net/core/sock_diag.c).
//
//   slots:  [ -, 2, -, -, 0, 1, ... ]     row number + 1, 0 for empty; a power of two, at most half full
//   rows:   cookie | exchanges, flags | totals at the last exchange | first seen, first heard | scans missed
//
// About 45 bytes a connection, no object. Hot: one find() for every connection of a scan (bench/track.ts); cookies are
// the kernel's own numbers, so the hash needs no key. A connection that one scan misses keeps its history for the next:
// the kernel's table is walked while it changes, and a phone must not lose its merit to that. The second miss forgets it.

const INITIAL_ROWS = 1024;
/** As many as a socket table may hold, as a power of two; what does not fit is counted. */
const CONNECTIONS_MAX = 4_194_304;
const MISSES_MAX = 1;

/** Bits of the column `flags`. */
export const Known = {
  /** More than one thing was said before anybody watched, and nobody can tell whether it was two exchanges. */
  UNSURE: 2,
  /** Something was received after its first exchange. */
  KEPT: 4,
  /** Something was received at all: `heardAt` is valid. */
  HEARD: 8,
  /** TLS: the totals kept are those of the end of the handshake. */
  HANDSHAKEN: 16,
  /** It has said more than keep-alives, whether or not anybody answered. */
  SPOKE: 32,
} as const;

export const NO_HISTORY = -1;

export class History {
  /** Connections remembered. */
  length = 0;
  /** Connections that were not remembered for want of room, since the history began. */
  dropped = 0;
  #capacity = INITIAL_ROWS;
  #slots = new Uint32Array(2 * INITIAL_ROWS);
  #cookieLow = new Uint32Array(INITIAL_ROWS);
  #cookieHigh = new Uint32Array(INITIAL_ROWS);
  /** Where the next connection of this scan may be: the kernel tells them in the same order again and again. */
  #next = 0;
  /** Scans since it was last seen; 0 for this one. */
  #missed = new Uint8Array(INITIAL_ROWS);

  /** Saturates at 255. */
  exchanges: Uint8Array = new Uint8Array(INITIAL_ROWS);
  flags: Uint8Array = new Uint8Array(INITIAL_ROWS);
  /** The kernel's totals when the last exchange was counted, modulo 2^32: a rise is a difference modulo 2^32. */
  received: Uint32Array = new Uint32Array(INITIAL_ROWS);
  acked: Uint32Array = new Uint32Array(INITIAL_ROWS);
  segmentsReceived: Uint32Array = new Uint32Array(INITIAL_ROWS);
  segmentsSent: Uint32Array = new Uint32Array(INITIAL_ROWS);
  /** Ticks of the history's clock, below: when it was first seen, and when it first had said something. */
  seenAt: Int32Array = new Int32Array(INITIAL_ROWS);
  heardAt: Int32Array = new Int32Array(INITIAL_ROWS);

  /** Forgets what the last two scans have not seen. Rows are numbered anew: call it before a scan, not after. */
  begin(): void {
    this.#next = 0;
    let kept = 0;
    for (let row = 0; row < this.length; row++) {
      if (this.#missed[row]! > MISSES_MAX) continue;
      if (kept !== row) this.#move(row, kept);
      this.#missed[kept]!++;
      kept++;
    }
    if (kept === this.length) return;
    this.length = kept;
    this.#slots.fill(0);
    for (let row = 0; row < kept; row++) this.#place(row);
  }

  /** The row of a cookie, made with all zeros if there is none; NO_HISTORY when there is no room. Marks it as seen. */
  enter(low: number, high: number): number {
    const next = this.#next;
    const likely = next < this.length && this.#cookieLow[next] === low && this.#cookieHigh[next] === high;
    const row = likely ? next : this.#find(low, high);
    if (row === NO_HISTORY) return NO_HISTORY;
    this.#next = row + 1;
    this.#missed[row] = 0;
    return row;
  }

  #find(low: number, high: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash(low, high) & mask;
    // Ends, because at most half of the slots are taken.
    for (;;) {
      const row = slots[slot]! - 1;
      if (row < 0) return this.#insert(slot, low, high);
      if (this.#cookieLow[row] === low && this.#cookieHigh[row] === high) return row;
      slot = (slot + 1) & mask;
    }
  }

  #insert(slot: number, low: number, high: number): number {
    if (this.length === this.#capacity) {
      if (this.#capacity >= CONNECTIONS_MAX) {
        this.dropped++;
        return NO_HISTORY;
      }
      this.#grow();
      return this.#find(low, high);
    }
    const row = this.length++;
    this.#slots[slot] = row + 1;
    this.#cookieLow[row] = low;
    this.#cookieHigh[row] = high;
    for (const name of COLUMNS) this[name][row] = 0;
    this.seenAt[row] = NEVER;
    return row;
  }

  #place(row: number): void {
    const mask = this.#slots.length - 1;
    let slot = hash(this.#cookieLow[row]!, this.#cookieHigh[row]!) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = row + 1;
  }

  #move(from: number, to: number): void {
    this.#cookieLow[to] = this.#cookieLow[from]!;
    this.#cookieHigh[to] = this.#cookieHigh[from]!;
    this.#missed[to] = this.#missed[from]!;
    for (const name of COLUMNS) this[name][to] = this[name][from]!;
  }

  #grow(): void {
    this.#capacity *= 2;
    const capacity = this.#capacity;
    this.#cookieLow = copied(this.#cookieLow, new Uint32Array(capacity));
    this.#cookieHigh = copied(this.#cookieHigh, new Uint32Array(capacity));
    this.#missed = copied(this.#missed, new Uint8Array(capacity));
    for (const name of ["exchanges", "flags"] as const) {
      this[name] = copied(this[name], new Uint8Array(capacity));
    }
    for (const name of ["received", "acked", "segmentsReceived", "segmentsSent"] as const) {
      this[name] = copied(this[name], new Uint32Array(capacity));
    }
    for (const name of ["seenAt", "heardAt"] as const) {
      this[name] = copied(this[name], new Int32Array(capacity));
    }
    this.#slots = new Uint32Array(2 * capacity);
    for (let row = 0; row < this.length; row++) this.#place(row);
  }
}

/** Of a row that was made just now: `seenAt` is for the maker to set. */
export const NEVER: number = -(2 ** 31);

export const HISTORY_TICK_MS = 100;

/** A moment of a monotonic clock in ticks, which 32 bits hold for six years either way. */
export function ticksOf(ms: number): number {
  return Math.floor(ms / HISTORY_TICK_MS);
}

/** The time between two ticks. */
export function msBetween(from: number, to: number): number {
  return HISTORY_TICK_MS * (to - from);
}

const COLUMNS = [
  "exchanges",
  "flags",
  "received",
  "acked",
  "segmentsReceived",
  "segmentsSent",
  "seenAt",
  "heardAt",
] as const;

/** Cookies count up, so their low bits alone spread well; multiplying takes care of those that do not. */
function hash(low: number, high: number): number {
  const h = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  return (h ^ (h >>> 15)) >>> 0;
}

function copied<T extends Uint8Array | Uint32Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
