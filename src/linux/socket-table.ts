// The kernel's TCP sockets as columns: row i is one socket. The table is reused from scan to scan. Its owner is whoever
// scans with it, and readers must be done before the next scan. A row takes about 160 bytes.
//
// Addresses take four words a row, in network byte order as the kernel sends them. IPv4 is ::ffff:a.b.c.d, so a socket
// has the same address whether its program opened it as IPv4 or as dual-stack IPv6. Numbers that the kernel did not
// send are NOT_TOLD: half-open and TIME_WAIT sockets have no tcp_info, and old kernels know fewer fields.

/** The value of a number that the kernel did not send. */
export const NOT_TOLD = -1;

/** The bound: more sockets than any one machine has held. Further ones are counted, not stored. */
export const TABLE_ROWS_MAX = 4_000_000;

const INITIAL_ROWS = 1024;

export class SocketTable {
  /** Rows in use. */
  length = 0;
  capacity = 0;

  family: Uint8Array = NO_BYTES;
  state: Uint8Array = NO_BYTES;
  /** Which timer runs (inet_diag_msg.idiag_timer): 0 none, 1 retransmit, 2 keepalive, 3 TIME_WAIT, 4 window probe. */
  timer: Uint8Array = NO_BYTES;
  /** Unanswered tries of that timer: retransmissions or probes. */
  retrans: Uint8Array = NO_BYTES;
  /** How often that timer has doubled since the last progress. */
  backoff: Uint8Array = NO_BYTES;
  /** 1 for an IPv6 listener that does not take IPv4 (IPV6_V6ONLY). */
  v6Only: Uint8Array = NO_BYTES;

  localPort: Uint16Array = NO_SHORTS;
  remotePort: Uint16Array = NO_SHORTS;
  /** Bytes of tcp_info that came; 0 where there was none. */
  infoBytes: Uint16Array = NO_SHORTS;

  local: Uint32Array = NO_WORDS;
  remote: Uint32Array = NO_WORDS;
  /** The device that the socket is bound to, 0 for any. */
  interfaceIndex: Uint32Array = NO_WORDS;
  cookieLow: Uint32Array = NO_WORDS;
  cookieHigh: Uint32Array = NO_WORDS;
  /** Bytes unread by the program; for a listener the connections waiting in its accept queue. */
  rqueue: Uint32Array = NO_WORDS;
  /** Bytes not acknowledged by the peer; for a listener the limit of its accept queue. */
  wqueue: Uint32Array = NO_WORDS;
  uid: Uint32Array = NO_WORDS;
  /** 0: no descriptor holds the socket (not accepted yet, or already closed by the program). */
  inode: Uint32Array = NO_WORDS;
  lastDataSentMs: Uint32Array = NO_WORDS;
  lastDataReceivedMs: Uint32Array = NO_WORDS;
  lastAckReceivedMs: Uint32Array = NO_WORDS;
  /** Segments in flight, not acknowledged yet. */
  unacked: Uint32Array = NO_WORDS;

  bytesAcked: Float64Array = NO_DOUBLES;
  bytesReceived: Float64Array = NO_DOUBLES;
  bytesSent: Float64Array = NO_DOUBLES;
  bytesRetransmitted: Float64Array = NO_DOUBLES;
  /** Bytes written by the program that were never sent. */
  bytesNotSent: Float64Array = NO_DOUBLES;
  /** Received segments that carried data: how often the peer has said something. */
  dataSegmentsReceived: Float64Array = NO_DOUBLES;
  /** Sent segments that carried data, with repetitions. */
  dataSegmentsSent: Float64Array = NO_DOUBLES;
  /** The control group's inode number; NOT_TOLD before Linux 5.7. */
  cgroup: Float64Array = NO_DOUBLES;

  /** Forgets all rows and keeps the memory. */
  clear(): void {
    this.length = 0;
  }

  /**
   * Makes room for `rows` more, at least doubling, up to TABLE_ROWS_MAX in all. It replaces the columns, so read them
   * again afterwards.
   */
  reserve(rows: number): void {
    const needed = Math.min(this.length + rows, TABLE_ROWS_MAX);
    if (needed <= this.capacity) return;
    this.#grow(Math.min(Math.max(needed, 2 * this.capacity, INITIAL_ROWS), TABLE_ROWS_MAX));
  }

  #grow(capacity: number): void {
    this.capacity = capacity;
    for (const name of ["family", "state", "timer", "retrans", "backoff", "v6Only"] as const) {
      this[name] = copied(this[name], new Uint8Array(capacity));
    }
    for (const name of ["localPort", "remotePort", "infoBytes"] as const) {
      this[name] = copied(this[name], new Uint16Array(capacity));
    }
    for (const name of ["local", "remote"] as const) {
      this[name] = copied(this[name], new Uint32Array(4 * capacity));
    }
    for (const name of WORD_COLUMNS) this[name] = copied(this[name], new Uint32Array(capacity));
    for (const name of DOUBLE_COLUMNS) this[name] = copied(this[name], new Float64Array(capacity));
  }
}

const WORD_COLUMNS = [
  "interfaceIndex",
  "cookieLow",
  "cookieHigh",
  "rqueue",
  "wqueue",
  "uid",
  "inode",
  "lastDataSentMs",
  "lastDataReceivedMs",
  "lastAckReceivedMs",
  "unacked",
] as const;

const DOUBLE_COLUMNS = [
  "bytesAcked",
  "bytesReceived",
  "bytesSent",
  "bytesRetransmitted",
  "bytesNotSent",
  "dataSegmentsReceived",
  "dataSegmentsSent",
  "cgroup",
] as const;

const NO_BYTES = new Uint8Array(0);
const NO_SHORTS = new Uint16Array(0);
const NO_WORDS = new Uint32Array(0);
const NO_DOUBLES = new Float64Array(0);

function copied<T extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
