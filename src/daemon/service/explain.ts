// Explains a source: its connections, its standing, the findings of the rules, its ban and its allow entry.

import type { ExplainDocument } from "../../api/index.ts";
import type { Standing } from "../../judge/index.ts";
import { covers, formatNetwork, type Network } from "../../model/index.ts";
import type { Core } from "../core.ts";
import { banDocument } from "../documents.ts";
import { allowOf } from "./allowlist.ts";
import { asSource } from "./sources.ts";

export async function explainDocument(core: Core, given: Network): Promise<ExplainDocument> {
  const network = asSource(given, core.config.sources);
  const { connections, standings, matches } = await core.guards.explain(network);
  const held = (await core.guards.bans()).find(({ ban }) => covers(ban.source, network));
  const allow = await allowOf(core, network);
  return {
    schema: 1,
    source: formatNetwork(network),
    connections,
    standing: standings.map(standingDocument),
    matches,
    ...(held === undefined
      ? {}
      : { ban: banDocument(held.ban, { evicted: core.ledger.evictedOf(held.ban), packets: held.packets }) }),
    ...(allow === null ? {} : { allow }),
  };
}

function standingDocument({
  listener,
  expected,
  firstSeen,
  lastSeen,
}: Standing): ExplainDocument["standing"][number] {
  return {
    listener,
    expected: Math.round(expected),
    firstSeen: new Date(firstSeen).toISOString(),
    lastSeen: new Date(lastSeen).toISOString(),
  };
}
