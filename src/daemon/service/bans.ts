// Bans by hand: set, lifted, listed.

import type { BanCommand, BansDocument, DoneDocument, UnbanCommand } from "../../api/index.ts";
import type { Exemptions } from "../../judge/index.ts";
import { type Ban, formatDuration, formatNetwork, type Network } from "../../model/index.ts";
import type { Core } from "../core.ts";
import { banDocument, banRefusal } from "../documents.ts";
import { banText } from "../events.ts";
import { asSource, knownListener } from "./sources.ts";

/** At most this many changes of one request are told one by one. */
const TOLD_SINGLY_MAX = 20;

/** The bans and caps in force; in observe those that would be. */
export async function bansInForce(core: Core): Promise<BansDocument> {
  const held = await core.guards.bans();
  return {
    schema: 1,
    bans: held.map(({ ban, packets }) => banDocument(ban, { evicted: core.ledger.evictedOf(ban), packets })),
  };
}

/** Throws ServiceError where no listener has the name. A source that may not be banned fails alone. */
export async function banSources(core: Core, order: BanCommand, by: string): Promise<DoneDocument> {
  const listener = knownListener(core.seen, order.listener);
  const { failed, networks } = await admit(core, order.sources);
  const now = core.now();
  const until = now + (order.termMs ?? core.config.ban.firstMs);
  const reason = order.reason ?? "by hand";
  const bans = networks.map(
    (source): Ban => ({ source, listener, kind: "ban", since: now, until, reason, rule: "operator" }),
  );
  if (bans.length === 0) return { schema: 1, done: [], failed };
  const evicted = await core.guards.ban(bans);
  core.ledger.addBans(bans, by);
  tellBans(core, bans, by);
  const count = new Map(evicted.map(({ source, evicted: n }) => [formatNetwork(source), n]));
  const done = networks.map((source) => {
    const text = formatNetwork(source);
    return { source: text, changed: true, evicted: count.get(text) ?? 0 };
  });
  return { schema: 1, done, failed };
}

export async function unbanSources(core: Core, { sources }: UnbanCommand, by: string): Promise<DoneDocument> {
  const wanted = sources === "all" ? "all" : sources.map((source) => asSource(source, core.config.sources));
  const lifted = await core.guards.unban(wanted);
  core.ledger.liftBans(lifted, by);
  const names = new Set(lifted.map(({ source }) => formatNetwork(source)));
  tellUnbans(core, names, by);
  const asked = wanted === "all" ? [...names] : wanted.map(formatNetwork);
  return { schema: 1, done: asked.map((source) => ({ source, changed: names.has(source) })), failed: [] };
}

interface Admitted {
  readonly failed: DoneDocument["failed"];
  readonly networks: readonly Network[];
}

/** Tells which sources may be banned: a slip of the hand must not cost the operator's own access. */
async function admit(core: Core, sources: readonly Network[]): Promise<Admitted> {
  const exemptions: Exemptions = { allow: core.allowEntries(), protected: await core.guards.protected() };
  const failed: { source: string; error: string }[] = [];
  const networks = new Map<string, Network>();
  for (const given of sources) {
    const network = asSource(given, core.config.sources);
    const error = banRefusal(exemptions, network);
    if (error === null) networks.set(formatNetwork(network), network);
    else failed.push({ source: formatNetwork(given), error });
  }
  return { failed, networks: [...networks.values()] };
}

/** A long list is one line, so that it floods neither the log nor the stream's readers. */
function tellBans({ events, enforces }: Core, bans: readonly Ban[], by: string): void {
  const [first] = bans;
  if (bans.length > TOLD_SINGLY_MAX) {
    const what = `${enforces ? "banned" : "would ban"} ${bans.length} sources`;
    const term = formatDuration(first!.until - first!.since);
    events.tell(
      "ban",
      `${what}, ${formatNetwork(first!.source)} the first, for ${term}: ${first!.reason}, ordered by ${by}`,
    );
    return;
  }
  for (const ban of bans)
    events.tell("ban", `${banText(ban, !enforces)}, ordered by ${by}`, {
      ban: banDocument(ban, { evicted: 0, packets: null }),
    });
}

function tellUnbans({ events }: Core, names: ReadonlySet<string>, by: string): void {
  if (names.size > TOLD_SINGLY_MAX)
    events.tell("unban", `${names.size} sources are free again, ordered by ${by}`);
  else for (const name of names) events.tell("unban", `${name} is free again, ordered by ${by}`);
}
