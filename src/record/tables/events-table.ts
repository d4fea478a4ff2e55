// Events on disk: who did what.

import type { DatabaseSync, StatementSync } from "node:sqlite";

export const LEDGER_EVENTS = ["ban", "cap", "lift", "allow", "disallow"] as const;

export type LedgerEventKind = (typeof LEDGER_EVENTS)[number];

export interface LedgerEvent {
  readonly at: number;
  /** A rule's name, `operator`, or whatever name the caller uses. */
  readonly who: string;
  readonly what: LedgerEventKind;
  /** As people write it; null if the event is about many sources. */
  readonly source: string | null;
  readonly listener: string | null;
  readonly text: string;
}

export class EventsTable {
  readonly #add: StatementSync;
  readonly #latest: StatementSync;
  readonly #prune: StatementSync;

  constructor(db: DatabaseSync) {
    this.#add = db.prepare(
      "INSERT INTO events (at, who, what, source, listener, text) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#latest = db.prepare("SELECT * FROM events ORDER BY id DESC LIMIT ?");
    this.#prune = db.prepare("DELETE FROM events WHERE id IN (SELECT id FROM events WHERE at < ? LIMIT ?)");
  }

  add({ at, who, what, source, listener, text }: LedgerEvent): void {
    this.#add.run(at, who, what, source, listener, text);
  }

  /** The events, the latest first. */
  latest(limit: number): LedgerEvent[] {
    return this.#latest.all(limit).map((row) => ({
      at: Number(row["at"]),
      who: String(row["who"]),
      what: row["what"] as LedgerEventKind,
      source: row["source"] === null ? null : String(row["source"]),
      listener: row["listener"] === null ? null : String(row["listener"]),
      text: String(row["text"]),
    }));
  }

  prune(beforeMs: number, limit: number): number {
    return Number(this.#prune.run(beforeMs, limit).changes);
  }
}
