// The sources that are exempt or have another limit: by the configuration, by the operator, and by nature.

import type { AllowCommand, AllowDocument, AllowlistDocument, DoneDocument } from "../../api/index.ts";
import { type AllowEntry, covers, formatNetwork, type Network, touches } from "../../model/index.ts";
import type { Core } from "../core.ts";
import { allowDocument, isEverybody } from "../documents.ts";

export async function allowSource(core: Core, order: AllowCommand, by: string): Promise<DoneDocument> {
  const { network, connectionsPerSource } = order;
  const source = formatNetwork(network);
  if (isEverybody(network) && connectionsPerSource === null) return failedFor(source, ALLOWS_EVERYBODY);
  const before = core.ledger.allowEntries().find((entry) => formatNetwork(entry.network) === source);
  // A change of the limit alone keeps the entry's reason.
  const reason = order.reason ?? before?.reason ?? null;
  core.ledger.allow({ network, reason, connectionsPerSource }, by);
  await core.configureGuards();
  await liftTouching(core, network, by);
  core.events.tell("reload", `${source} is on the allowlist, by ${by}`);
  const changed = before?.connectionsPerSource !== connectionsPerSource || before?.reason !== reason;
  return { schema: 1, done: [{ source, changed }], failed: [] };
}

export async function disallowSource(core: Core, network: Network, by: string): Promise<DoneDocument> {
  const source = formatNetwork(network);
  const isIt = (other: Network): boolean => formatNetwork(other) === source;
  if (core.config.allow.some((entry) => isIt(entry.network))) return failedFor(source, CONFIGURED);
  const changed = core.ledger.disallow(network, by);
  if (changed) await core.configureGuards();
  else if ((await core.guards.protected()).some(isIt)) return failedFor(source, PROTECTED);
  return { schema: 1, done: [{ source, changed }], failed: [] };
}

export async function allowlistDocument(core: Core): Promise<AllowlistDocument> {
  return { schema: 1, allow: (await listed(core)).map(({ document }) => document) };
}

/** The first entry that contains the whole network. */
export async function allowOf(core: Core, network: Network): Promise<AllowDocument | null> {
  const entry = (await listed(core)).find((one) => covers(one.network, network));
  return entry?.document ?? null;
}

interface Listed {
  readonly network: Network;
  readonly document: AllowDocument;
}

const ALLOWS_EVERYBODY =
  "that allows everybody and guards nothing; `mode: observe` in the configuration is the way to guard nothing";
const CONFIGURED = "it is in the configuration: remove it there, then `sockwarden reload`";
const PROTECTED = "Sockwarden itself protects it: this host's own address, its gateway or a login";

function failedFor(source: string, error: string): DoneDocument {
  return { schema: 1, done: [], failed: [{ source, error }] };
}

/** Lifts earlier bans of an allowed network and of those around it: an allowed source must not wait for their terms. */
async function liftTouching(core: Core, network: Network, by: string): Promise<void> {
  const banned = (await core.guards.bans()).map(({ ban }) => ban.source);
  const touching = banned.filter((source) => touches(source, network));
  const lifted = touching.length === 0 ? [] : await core.guards.unban(touching);
  core.ledger.liftBans(lifted, by);
}

async function listed(core: Core): Promise<Listed[]> {
  const list = (entry: AllowEntry, from: AllowDocument["from"], since: number | null): Listed => ({
    network: entry.network,
    document: allowDocument(entry, from, since === null ? null : new Date(since).toISOString()),
  });
  const own = (await core.guards.protected()).map((network) =>
    list({ network, reason: "own address, gateway or login", connectionsPerSource: null }, "protected", null),
  );
  return [
    ...core.config.allow.map((entry) => list(entry, "configuration", null)),
    ...core.ledger.allowEntries().map((entry) => list(entry, "operator", entry.since)),
    ...own,
  ];
}
