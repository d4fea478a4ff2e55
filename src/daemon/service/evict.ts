// An eviction by hand.

import type { DoneDocument, EvictCommand } from "../../api/index.ts";
import { formatNetwork } from "../../model/index.ts";
import type { Core } from "../core.ts";
import { asSource, knownListener } from "./sources.ts";

/** Destroys what the source holds now. Throws ServiceError where no listener has the name. */
export async function evictSource(core: Core, order: EvictCommand, by: string): Promise<DoneDocument> {
  const network = asSource(order.source, core.config.sources);
  const listener = knownListener(core.seen, order.listener);
  const count = await core.guards.evict(network, listener);
  const { enforces } = core;
  if (enforces && count > 0)
    core.ledger.addEvictions([{ source: network, listener, count, rule: "operator" }]);
  core.ledger.check();
  const source = formatNetwork(network);
  core.events.tell(
    "evict",
    `${enforces ? "evicted" : "would evict"} ${count} connections of ${source}, ordered by ${by}`,
  );
  return { schema: 1, done: [{ source, changed: enforces && count > 0, evicted: count }], failed: [] };
}
