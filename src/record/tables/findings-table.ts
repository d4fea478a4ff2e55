// Findings on disk.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Finding, Severity } from "../../model/index.ts";

/** A finding as it was told. Its rule may be one that only another version has. */
export interface RecordedFinding extends Omit<Finding, "rule"> {
  readonly at: number;
  readonly rule: string;
}

export interface FindingQuery {
  readonly since: number;
  /** As people write it. */
  readonly source?: string;
  readonly limit: number;
}

export class FindingsTable {
  readonly #add: StatementSync;
  readonly #all: StatementSync;
  readonly #ofSource: StatementSync;
  readonly #prune: StatementSync;

  constructor(db: DatabaseSync) {
    const latest = "ORDER BY at DESC, id DESC LIMIT ?";
    this.#add = db.prepare(
      "INSERT INTO findings (at, rule, severity, listener, source, text, numbers) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#all = db.prepare(`SELECT * FROM findings WHERE at >= ? ${latest}`);
    this.#ofSource = db.prepare(`SELECT * FROM findings WHERE source = ? AND at >= ? ${latest}`);
    this.#prune = db.prepare(
      "DELETE FROM findings WHERE id IN (SELECT id FROM findings WHERE at < ? LIMIT ?)",
    );
  }

  add({ rule, severity, listener, source, text, numbers }: Finding, at: number): void {
    this.#add.run(at, rule, severity, listener, source, text, JSON.stringify(numbers));
  }

  /** The findings that match, the latest first. */
  find({ since, source, limit }: FindingQuery): RecordedFinding[] {
    const rows =
      source === undefined ? this.#all.all(since, limit) : this.#ofSource.all(source, since, limit);
    return rows.map((row) => ({
      at: Number(row["at"]),
      rule: String(row["rule"]),
      severity: row["severity"] as Severity,
      listener: row["listener"] === null ? null : String(row["listener"]),
      source: row["source"] === null ? null : String(row["source"]),
      text: String(row["text"]),
      numbers: JSON.parse(String(row["numbers"])) as Record<string, number>,
    }));
  }

  prune(beforeMs: number, limit: number): number {
    return Number(this.#prune.run(beforeMs, limit).changes);
  }
}
