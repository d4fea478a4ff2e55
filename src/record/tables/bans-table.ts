// Bans on disk: one row a term.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { BanHistory } from "../../judge/index.ts";
import {
  type Ban,
  type BanKey,
  type BanKind,
  formatNetwork,
  parseNetwork,
  parseRuleName,
} from "../../model/index.ts";
import type { KeptBan } from "../kept-bans.ts";

/** How a term ended. */
export type BanEnd = "term" | "renewed" | "lifted";

/** How many bans of a history still count at a given time. */
export type CountRemembered = (history: BanHistory, at: number) => number;

const KEY = "source = ? AND listener = ? AND kind = ?";

export class BansTable {
  readonly #insert: StatementSync;
  readonly #renew: StatementSync;
  readonly #end: StatementSync;
  readonly #standing: StatementSync;
  readonly #history: StatementSync;
  readonly #prune: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      `INSERT INTO bans (source, listener, kind, since, until, reason, rule, by, boot, until_boot)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET until = excluded.until, reason = excluded.reason,
         rule = iif(excluded.rule = 'unknown', rule, excluded.rule), by = excluded.by, boot = excluded.boot, until_boot = excluded.until_boot, ended = NULL, ended_by = NULL`,
    );
    this.#renew = db.prepare(
      `UPDATE bans SET ended = 'renewed', until = max(since, min(until, ?))
       WHERE ${KEY} AND since <> ? AND ended IS NULL`,
    );
    this.#end = db.prepare(
      `UPDATE bans SET ended = ?, ended_by = ?, until = max(since, min(until, ?)) WHERE ${KEY} AND ended IS NULL`,
    );
    this.#standing = db.prepare("SELECT * FROM bans WHERE ended IS NULL");
    this.#history = db.prepare(
      `SELECT source, since FROM bans
       WHERE since >= ? AND ended IS NOT 'lifted' AND rule <> 'operator' ORDER BY source, since`,
    );
    this.#prune = db.prepare(
      `DELETE FROM bans WHERE (source, listener, kind, since) IN (
         SELECT source, listener, kind, since FROM bans WHERE ended IS NOT NULL AND until < ? LIMIT ?)`,
    );
  }

  /** Adds a term, or changes the one of its key that began at the same time. Another standing term of its key ends. */
  put({ ban, by, bootId, untilBootMs }: KeptBan): void {
    const source = formatNetwork(ban.source);
    const { kind, since, until, reason, rule } = ban;
    const listener = ban.listener ?? "";
    this.#renew.run(since, source, listener, kind, since);
    this.#insert.run(source, listener, kind, since, until, reason, rule, by, bootId, untilBootMs);
  }

  /** Ends the standing term of a key. A missing one is no error. */
  end({ source, listener, kind }: BanKey, how: BanEnd, by: string | null, at: number): void {
    this.#end.run(how, by, at, formatNetwork(source), listener ?? "", kind);
  }

  /** Every term that has not been ended, whatever the clocks say. */
  *standing(): Generator<KeptBan> {
    const shared = new Map<string, string>();
    for (const row of this.#standing.iterate()) {
      const kept = keptOf(row, shared);
      if (kept !== null) yield kept;
    }
  }

  /**
   * Terms that began since then, summed by source. The operator's do not count. Nor do lifted ones, since somebody held
   * them for wrong. `remembered` says how many of the earlier ones still count when the next one begins.
   */
  history(sinceMs: number, remembered: CountRemembered): BanHistory[] {
    const histories = new Map<string, BanHistory>();
    for (const row of this.#history.iterate(sinceMs)) {
      const source = String(row["source"]);
      const lastAt = Number(row["since"]);
      const before = histories.get(source);
      const bans = (before === undefined ? 0 : remembered(before, lastAt)) + 1;
      histories.set(source, { source, bans, lastAt });
    }
    return [...histories.values()];
  }

  prune(beforeMs: number, limit: number): number {
    return Number(this.#prune.run(beforeMs, limit).changes);
  }
}

/**
 * The ban of a row; null for a row that cannot be a ban of ours. `shared` has each text once: 40 000 bans have few
 * reasons.
 */
function keptOf(row: Record<string, unknown>, shared: Map<string, string>): KeptBan | null {
  const text = (column: string) => {
    const own = String(row[column]);
    const first = shared.get(own);
    if (first === undefined) shared.set(own, own);
    return first ?? own;
  };
  const network = parseNetwork(String(row["source"]));
  if (network === null) return null;
  const ban: Ban = {
    source: network,
    listener: row["listener"] === "" ? null : text("listener"),
    kind: text("kind") as BanKind,
    since: Number(row["since"]),
    until: Number(row["until"]),
    reason: text("reason"),
    rule: parseRuleName(String(row["rule"])),
  };
  return {
    ban,
    by: text("by"),
    bootId: row["boot"] === null ? null : text("boot"),
    untilBootMs: row["until_boot"] === null ? null : Number(row["until_boot"]),
  };
}
