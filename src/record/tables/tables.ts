// All tables of one database. Their statements are prepared once.

import type { DatabaseSync } from "node:sqlite";
import { AllowTable } from "./allow-table.ts";
import { BansTable } from "./bans-table.ts";
import { EventsTable } from "./events-table.ts";
import { EvictionsTable } from "./evictions-table.ts";
import { FindingsTable } from "./findings-table.ts";
import { StandingsTable } from "./standings-table.ts";

export class Tables {
  readonly bans: BansTable;
  readonly evictions: EvictionsTable;
  readonly findings: FindingsTable;
  readonly allow: AllowTable;
  readonly standings: StandingsTable;
  readonly events: EventsTable;

  constructor(db: DatabaseSync) {
    this.bans = new BansTable(db);
    this.evictions = new EvictionsTable(db);
    this.findings = new FindingsTable(db);
    this.allow = new AllowTable(db);
    this.standings = new StandingsTable(db);
    this.events = new EventsTable(db);
  }

  /** Removes at most `limit` rows of each table that ended before then, and returns how many. */
  prune(beforeMs: number, limit: number): number {
    const { bans, evictions, findings, standings, events } = this;
    return [bans, evictions, findings, standings, events].reduce(
      (removed, table) => removed + table.prune(beforeMs, limit),
      0,
    );
  }
}
