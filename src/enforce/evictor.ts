// Carries evictions out, paced. In calm it is so many a second, because some servers write lines to their log for each.
// Under pressure it is a burst. Connections that do not fit are not queued: they are still there at the next scan, and
// are judged anew.

import type { RowsDestroyed, SocketTable } from "../linux/index.ts";
import type { Eviction, Network, RuleName } from "../model/index.ts";

/** The most evictions of one round under pressure. Destroying them takes about half a second. */
const BURST = 20_000;

/** Destroyed connections, or in observe those that would have been. */
export interface EvictedConnections {
  readonly source: Network;
  readonly listener: string | null;
  readonly rule: RuleName;
  readonly count: number;
}

/** The sockets of the last scan, and the choice of those that an eviction means. */
export interface HeldSockets {
  readonly table: SocketTable;
  /** The rows of the table that an eviction means. */
  select(eviction: Eviction): Uint32Array;
  /** Notes that these rows are gone. */
  evicted(rows: Uint32Array): void;
}

/** Destroys rows of a table. Throws NetlinkError if the kernel would refuse every one. */
export interface RowDestroyer {
  destroyRows(table: SocketTable, rows: Uint32Array): Pick<RowsDestroyed, "destroyed" | "refusal">;
}

export interface EvictorParts {
  readonly sockets: HeldSockets;
  readonly destroyer: RowDestroyer;
}

export interface EvictionRound {
  readonly pressed: boolean;
  readonly perSecond: number;
  readonly nowMs: number;
  /** Whether to destroy nothing, and only count what would have been. */
  readonly observes: boolean;
}

export interface EvictionResult {
  readonly evicted: readonly EvictedConnections[];
  /** How many were left for a later round. */
  readonly postponed: number;
}

export class Evictor {
  readonly #sockets: HeldSockets;
  readonly #destroyer: RowDestroyer;
  #tokens = 0;
  #refilledAt: number | null = null;

  constructor({ sockets, destroyer }: EvictorParts) {
    this.#sockets = sockets;
    this.#destroyer = destroyer;
  }

  /** Destroys the sockets of the last scan that the evictions mean. Throws NetlinkError when the kernel refuses. */
  carryOut(evictions: readonly Eviction[], round: EvictionRound): EvictionResult {
    const evicted: EvictedConnections[] = [];
    const allowance = this.#allowance(round);
    let left = allowance;
    let postponed = 0;
    for (const eviction of evictions) {
      const rows = this.#sockets.select(eviction);
      const fitting = rows.subarray(0, left);
      postponed += rows.length - fitting.length;
      left -= fitting.length;
      const count = round.observes ? fitting.length : this.#destroy(fitting);
      this.#sockets.evicted(fitting);
      const { source, listener, rule } = eviction;
      if (count > 0) evicted.push({ source, listener, rule, count });
    }
    if (!round.pressed) this.#tokens -= allowance - left;
    return { evicted, postponed };
  }

  #destroy(rows: Uint32Array): number {
    if (rows.length === 0) return 0;
    const { destroyed, refusal } = this.#destroyer.destroyRows(this.#sockets.table, rows);
    if (refusal !== null && destroyed === 0) throw refusal;
    return destroyed;
  }

  /** How many may be destroyed now: a bucket that fills by `perSecond` and holds one second's worth. */
  #allowance({ pressed, perSecond, nowMs }: EvictionRound): number {
    const elapsedMs = this.#refilledAt === null ? 1000 : Math.max(0, nowMs - this.#refilledAt);
    this.#refilledAt = nowMs;
    // Fractions add up: at a few a second and with many scans none would ever become a whole one.
    this.#tokens = Math.min(perSecond, this.#tokens + (perSecond * elapsedMs) / 1000);
    const whole = Math.floor(this.#tokens);
    return pressed ? Math.max(BURST, whole) : whole;
  }
}
