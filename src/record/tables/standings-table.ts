// Standings on disk.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Standing } from "../../judge/index.ts";

export class StandingsTable {
  readonly #put: StatementSync;
  readonly #all: StatementSync;
  readonly #prune: StatementSync;

  constructor(db: DatabaseSync) {
    this.#put = db.prepare("INSERT OR REPLACE INTO standings VALUES (?, ?, ?, ?, ?)");
    this.#all = db.prepare("SELECT * FROM standings ORDER BY listener, source");
    this.#prune = db.prepare(
      `DELETE FROM standings WHERE (listener, source) IN (
         SELECT listener, source FROM standings WHERE last_seen < ? LIMIT ?)`,
    );
  }

  put({ listener, source, expected, firstSeen, lastSeen }: Standing): void {
    this.#put.run(listener, source, expected, firstSeen, lastSeen);
  }

  all(): Standing[] {
    return this.#all.all().map((row) => ({
      listener: String(row["listener"]),
      source: String(row["source"]),
      expected: Number(row["expected"]),
      firstSeen: Number(row["first_seen"]),
      lastSeen: Number(row["last_seen"]),
    }));
  }

  prune(beforeMs: number, limit: number): number {
    return Number(this.#prune.run(beforeMs, limit).changes);
  }
}
