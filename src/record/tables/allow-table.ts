// The operator's allow entries on disk. Those of the configuration are not kept here.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { type AllowEntry, formatNetwork, parseNetwork } from "../../model/index.ts";

export interface RecordedAllow extends AllowEntry {
  readonly by: string;
  readonly since: number;
}

export class AllowTable {
  readonly #put: StatementSync;
  readonly #remove: StatementSync;
  readonly #all: StatementSync;

  constructor(db: DatabaseSync) {
    this.#put = db.prepare("INSERT OR REPLACE INTO allow VALUES (?, ?, ?, ?, ?)");
    this.#remove = db.prepare("DELETE FROM allow WHERE source = ?");
    this.#all = db.prepare("SELECT * FROM allow ORDER BY since, source");
  }

  put({ network, reason, connectionsPerSource, by, since }: RecordedAllow): void {
    this.#put.run(formatNetwork(network), reason, connectionsPerSource, by, since);
  }

  remove(source: string): void {
    this.#remove.run(source);
  }

  all(): RecordedAllow[] {
    return this.#all.all().flatMap((row) => {
      const network = parseNetwork(String(row["source"]));
      if (network === null) return [];
      const connections = row["connections"];
      return {
        network,
        reason: row["reason"] === null ? null : String(row["reason"]),
        connectionsPerSource: connections === null ? null : Number(connections),
        by: String(row["by"]),
        since: Number(row["since"]),
      };
    });
  }
}
