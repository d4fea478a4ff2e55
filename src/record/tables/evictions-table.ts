// Evictions on disk, summed by minute: a hoarder that reconnects is evicted many times a second.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { RuleName } from "../../model/index.ts";

/** Sockets destroyed, by source, listener and rule. */
export interface EvictionCount {
  /** As people write it. */
  readonly source: string;
  /** Null for every guarded listener. */
  readonly listener: string | null;
  readonly rule: RuleName;
  readonly count: number;
  readonly at: number;
}

const MINUTE_MS = 60_000;

export class EvictionsTable {
  readonly #add: StatementSync;
  readonly #sum: StatementSync;
  readonly #prune: StatementSync;

  constructor(db: DatabaseSync) {
    this.#add = db.prepare(
      `INSERT INTO evictions VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET count = count + excluded.count, first_at = min(first_at, excluded.first_at),
         last_at = max(last_at, excluded.last_at)`,
    );
    this.#sum = db.prepare(
      `SELECT coalesce(sum(count), 0) AS evicted FROM evictions
       WHERE source = ? AND (? = '' OR listener IN (?, '')) AND last_at >= ? AND first_at <= ?`,
    );
    this.#prune = db.prepare(
      `DELETE FROM evictions WHERE (source, listener, rule, minute) IN (
         SELECT source, listener, rule, minute FROM evictions WHERE minute < ? LIMIT ?)`,
    );
  }

  add({ source, listener, rule, count, at }: EvictionCount): void {
    this.#add.run(source, listener ?? "", rule, Math.floor(at / MINUTE_MS), count, at, at);
  }

  /** How many fell into minutes that touch since..until; for every listener if none is named. */
  sum(source: string, listener: string | null, since: number, until: number): number {
    const name = listener ?? "";
    return Number(this.#sum.get(source, name, name, since, until)?.["evicted"] ?? 0);
  }

  prune(beforeMs: number, limit: number): number {
    return Number(this.#prune.run(Math.floor(beforeMs / MINUTE_MS), limit).changes);
  }
}
