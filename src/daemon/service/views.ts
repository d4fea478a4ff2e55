// The state of the daemon and its listeners: the status, and the last scan by source.

import type { CensusDocument, StatusDocument } from "../../api/index.ts";
import type { Core } from "../core.ts";
import { listenerSourcesDocument } from "../documents.ts";

export function statusDocument(core: Core): StatusDocument {
  const { bans, caps } = core.seen.totals();
  return {
    schema: 1,
    mode: core.enforces ? "enforce" : "observe",
    since: core.startedAt,
    version: core.version,
    listeners: core.seen.listeners(),
    bans,
    caps,
    monitors: core.monitors.statuses(),
    health: core.health.items(),
  };
}

/** The `top` largest sources of each listener. */
export async function censusDocument(core: Core, top: number): Promise<CensusDocument> {
  const { takenAt, listeners } = await core.guards.census(top);
  return {
    schema: 1,
    takenAt: takenAt === null ? null : new Date(takenAt).toISOString(),
    listeners: listeners.map(listenerSourcesDocument),
  };
}
