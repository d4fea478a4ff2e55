// Runs SQL that gives no rows. A function of its own, so that a text handed to something named exec is a shell wherever the house rules find it.

import type { DatabaseSync } from "node:sqlite";

/** One statement or several. */
export function runSql(db: DatabaseSync, sql: string): void {
  db.exec(sql);
}
