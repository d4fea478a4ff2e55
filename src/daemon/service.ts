// What the daemon can do for those who ask: the API's GuardService over the guards, the ledger and the health book. Turns
// texts into values on the way in, and values into the contract's documents on the way out.

import {
  type AllowDocument,
  type AllowlistDocument,
  type AllowRequest,
  type BanDocument,
  type BanRequest,
  type BansDocument,
  type Caller,
  type CensusDocument,
  type CheckDocument,
  type DoneDocument,
  type EventDocument,
  type EvictRequest,
  type ExplainDocument,
  type GuardService,
  type ListenerStatus,
  ServiceError,
  type StatusDocument,
  type UnbanRequest,
} from "../api/index.ts";
import type { Exemptions } from "../judge/index.ts";
import {
  type AllowEntry,
  type Ban,
  covers,
  formatDuration,
  formatNetwork,
  maskBits,
  type Network,
  parseDuration,
  parseNetwork,
  sourceBits,
  touches,
} from "../model/index.ts";
import type { Core } from "./core.ts";
import {
  allowDocument,
  allowsEverybody,
  banDocument,
  isEverybody,
  nameOf,
  notAnAddress,
  refusal,
} from "./documents.ts";
import { banText } from "./events.ts";

/** Changes of one request that are told one by one. */
const TOLD_SINGLY_MAX = 20;

export class DaemonService implements GuardService {
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
  }

  status(): StatusDocument {
    const core = this.#core;
    const { bans, caps } = core.seen.totals();
    return {
      schema: 1,
      mode: core.enforces ? "enforce" : "observe",
      since: core.startedAt,
      version: core.version,
      listeners: core.seen.listeners(),
      bans,
      caps,
      health: core.health.items(),
    };
  }

  async bans(): Promise<BansDocument> {
    const held = await this.#core.guards.bans();
    return {
      schema: 1,
      bans: held.map(({ ban, packets }) =>
        banDocument(ban, { evicted: this.#core.ledger.evictedOf(ban), packets }),
      ),
    };
  }

  async census(top: number): Promise<CensusDocument> {
    const { takenAt, listeners } = await this.#core.guards.census(top);
    return { schema: 1, takenAt: takenAt === null ? null : new Date(takenAt).toISOString(), listeners };
  }

  async ban(request: BanRequest, caller: Caller): Promise<DoneDocument> {
    const listener = this.#listener(request.listener);
    const termMs = request.for === undefined ? this.#core.config.ban.firstMs : parseDuration(request.for);
    if (termMs === null)
      throw new ServiceError({ code: "invalid", field: "for", message: `not a duration: ${request.for}` });
    const { done, failed, networks } = await this.#admit(request.sources);
    const now = this.#core.now();
    const bans = networks.map(
      (source): Ban => ({
        source,
        listener,
        kind: "ban",
        since: now,
        until: now + termMs,
        reason: request.reason ?? "by hand",
        rule: "operator",
      }),
    );
    if (bans.length === 0) return { schema: 1, done, failed };
    const evicted = await this.#core.guards.ban(bans);
    this.#core.recordBans(bans, nameOf(caller));
    this.#tellBans(bans, nameOf(caller));
    const count = new Map(evicted.map(({ source, evicted: n }) => [formatNetwork(source), n]));
    const banned = networks.map((source) => {
      const text = formatNetwork(source);
      return { source: text, changed: true, evicted: count.get(text) ?? 0 };
    });
    return { schema: 1, done: [...done, ...banned], failed };
  }

  async unban({ sources }: UnbanRequest, caller: Caller): Promise<DoneDocument> {
    const networks =
      sources === "all"
        ? "all"
        : sources.map((source) => this.#source(source)).filter((network) => network !== null);
    const lifted = await this.#core.guards.unban(networks);
    const now = this.#core.now();
    this.#core.ledger.liftBans(lifted, now, nameOf(caller));
    const names = new Set(lifted.map(({ source }) => formatNetwork(source)));
    this.#tellUnbans(names, nameOf(caller));
    if (sources === "all")
      return { schema: 1, done: [...names].map((source) => ({ source, changed: true })), failed: [] };
    return {
      schema: 1,
      ...this.#answerEach(sources, (network) => ({ changed: names.has(formatNetwork(network)) })),
    };
  }

  async allow({ source, connectionsPerSource, reason }: AllowRequest, caller: Caller): Promise<DoneDocument> {
    const network = parseNetwork(source);
    if (network === null) return notAnAddress(source);
    if (isEverybody(network) && connectionsPerSource === undefined) return allowsEverybody(source);
    const before = this.#core.ledger
      .allowEntries()
      .find((entry) => formatNetwork(entry.network) === formatNetwork(network));
    const entry: AllowEntry = {
      network,
      // Who changes the limit alone does not take back why the entry is there.
      reason: reason ?? before?.reason ?? null,
      connectionsPerSource: connectionsPerSource ?? null,
    };
    this.#core.ledger.allow(entry, nameOf(caller), this.#core.now());
    await this.#core.configureGuards();
    // Whoever is allowed now is not to wait for a term that was given before, nor for one of a network around it.
    const touching = (await this.#core.guards.bans())
      .map(({ ban }) => ban.source)
      .filter((source) => touches(source, network));
    const lifted = touching.length === 0 ? [] : await this.#core.guards.unban(touching);
    this.#core.ledger.liftBans(lifted, this.#core.now(), nameOf(caller));
    const changed =
      before?.connectionsPerSource !== entry.connectionsPerSource || before?.reason !== entry.reason;
    this.#tell("reload", `${formatNetwork(network)} is on the allowlist, by ${nameOf(caller)}`);
    return { schema: 1, done: [{ source: formatNetwork(network), changed }], failed: [] };
  }

  async disallow(source: string, caller: Caller): Promise<DoneDocument> {
    const network = parseNetwork(source);
    if (network === null) return notAnAddress(source);
    const text = formatNetwork(network);
    if (this.#core.config.allow.some((entry) => formatNetwork(entry.network) === text)) {
      const error = "it stands in the configuration: take it out there, then `sockwarden reload`";
      return { schema: 1, done: [], failed: [{ source: text, error }] };
    }
    const changed = this.#core.ledger.disallow(network, nameOf(caller), this.#core.now());
    if (changed) await this.#core.configureGuards();
    else if ((await this.#core.guards.protected()).some((own) => formatNetwork(own) === text)) {
      const error = "Sockwarden itself protects it: this host's own address, its gateway or a login";
      return { schema: 1, done: [], failed: [{ source: text, error }] };
    }
    return { schema: 1, done: [{ source: text, changed }], failed: [] };
  }

  async allowlist(): Promise<AllowlistDocument> {
    const configured = this.#core.config.allow.map((entry) => allowDocument(entry, "configuration", null));
    const given = this.#core.ledger
      .allowEntries()
      .map((entry) => allowDocument(entry, "operator", new Date(entry.since).toISOString()));
    const own = (await this.#core.guards.protected()).map((network) =>
      allowDocument(
        { network, reason: "own address, gateway or login", connectionsPerSource: null },
        "protected",
        null,
      ),
    );
    return { schema: 1, allow: [...configured, ...given, ...own] };
  }

  async evict({ source, listener }: EvictRequest, caller: Caller): Promise<DoneDocument> {
    const network = this.#source(source);
    if (network === null) return notAnAddress(source);
    const evicted = await this.#core.guards.evict(network, this.#listener(listener));
    const text = formatNetwork(network);
    this.#recordEvicted([{ source: network, evicted }], listener ?? null);
    this.#tell(
      "evict",
      `${this.#core.enforces ? "evicted" : "would evict"} ${evicted} connections of ${text}, ordered by ${nameOf(caller)}`,
    );
    return {
      schema: 1,
      done: [{ source: text, changed: evicted > 0 && this.#core.enforces, evicted }],
      failed: [],
    };
  }

  async explain(source: string): Promise<ExplainDocument> {
    const given = parseNetwork(source);
    if (given === null)
      throw new ServiceError({
        code: "invalid",
        field: "source",
        message: `not an address or a network: ${source}`,
      });
    const network = this.#asSource(given);
    const { connections, standings, matches } = await this.#core.guards.explain(network);
    const ban = (await this.#core.guards.bans()).find((held) => covers(held.ban.source, network));
    const allow = await this.#allowOf(network);
    return {
      schema: 1,
      source: formatNetwork(network),
      connections: connections.map((at) => at),
      standing: standings.map(({ listener, expected, firstSeen, lastSeen }) => ({
        listener,
        expected: Math.round(expected),
        firstSeen: new Date(firstSeen).toISOString(),
        lastSeen: new Date(lastSeen).toISOString(),
      })),
      matches,
      ...(ban === undefined
        ? {}
        : {
            ban: banDocument(ban.ban, {
              evicted: this.#core.ledger.evictedOf(ban.ban),
              packets: ban.packets,
            }),
          }),
      ...(allow === null ? {} : { allow }),
    };
  }

  reload(caller: Caller): Promise<CheckDocument> {
    return this.#core.reload(nameOf(caller));
  }

  metrics(): Promise<string> {
    return this.#core.metrics.text();
  }

  follow(listener: (event: EventDocument) => void): () => void {
    return this.#core.events.follow(listener);
  }

  #source(text: string): Network | null {
    const network = parseNetwork(text);
    return network === null ? null : this.#asSource(network);
  }

  #answerEach(
    sources: readonly string[],
    answer: (network: Network) => { readonly changed: boolean },
  ): Pick<DoneDocument, "done" | "failed"> {
    const done: { source: string; changed: boolean }[] = [];
    const failed: { source: string; error: string }[] = [];
    for (const source of sources) {
      const network = this.#source(source);
      if (network === null) failed.push({ source, error: "not an address or a network" });
      else done.push({ source: formatNetwork(network), ...answer(network) });
    }
    return { done, failed };
  }

  /** What was destroyed by hand; in observe nothing was. */
  #recordEvicted(
    evicted: readonly { readonly source: Network; readonly evicted: number }[],
    listener: string | null,
  ): void {
    if (!this.#core.enforces) return;
    const at = this.#core.now();
    for (const { source, evicted: count } of evicted)
      if (count > 0) this.#core.ledger.addEviction({ source, listener, count, rule: "operator", at });
    this.#core.reportLedger();
  }

  /** A long list is one line, so that it floods neither the log nor who follows the stream. */
  #tellBans(bans: readonly Ban[], by: string): void {
    const observes = !this.#core.enforces;
    const [first] = bans;
    if (bans.length <= TOLD_SINGLY_MAX)
      for (const ban of bans) this.#tell("ban", `${banText(ban, observes)}, ordered by ${by}`, ban);
    else
      this.#tell(
        "ban",
        `${observes ? "would ban" : "banned"} ${bans.length} sources, ${formatNetwork(first!.source)} the first, for ${formatDuration(first!.until - first!.since)}: ${first!.reason}, ordered by ${by}`,
      );
  }

  #tellUnbans(names: ReadonlySet<string>, by: string): void {
    if (names.size > TOLD_SINGLY_MAX)
      this.#tell("unban", `${names.size} sources are free again, ordered by ${by}`);
    else for (const name of names) this.#tell("unban", `${name} is free again, ordered by ${by}`);
  }

  /** One address stands for the whole source that it belongs to. */
  #asSource(network: Network): Network {
    const bits = sourceBits(network.address, this.#core.config.sources);
    return network.bits <= bits ? network : { address: maskBits(network.address, bits), bits };
  }

  #listener(name: string | undefined): string | null {
    if (name === undefined) return null;
    const names = this.#core.seen.listeners().map((listener: ListenerStatus) => listener.name);
    if (names.includes(name)) return name;
    throw new ServiceError({
      code: "not-found",
      field: "listener",
      message: `no listener is called ${name}`,
      accepted: names.join(", ") || "none is there",
    });
  }

  /** Which sources may be banned. The operator's own access is not lost by a slip of the hand. */
  async #admit(sources: readonly string[]): Promise<{
    readonly done: DoneDocument["done"];
    readonly failed: DoneDocument["failed"];
    readonly networks: readonly Network[];
  }> {
    const exemptions: Exemptions = {
      allow: this.#core.allowEntries(),
      protected: await this.#core.guards.protected(),
    };
    const failed: { source: string; error: string }[] = [];
    const networks = new Map<string, Network>();
    for (const source of sources) {
      const network = this.#source(source);
      const error = network === null ? "not an address or a network" : refusal(exemptions, network);
      if (error === null) networks.set(formatNetwork(network!), network!);
      else failed.push({ source, error });
    }
    return { done: [], failed, networks: [...networks.values()] };
  }

  async #allowOf(network: Network): Promise<AllowDocument | null> {
    const { allow } = await this.allowlist();
    return (
      allow.find((entry) => {
        const other = parseNetwork(entry.source);
        return other !== null && covers(other, network);
      }) ?? null
    );
  }

  #tell(event: EventDocument["event"], text: string, ban?: Ban): void {
    const at = new Date(this.#core.now()).toISOString();
    const document: BanDocument | null =
      ban === undefined ? null : banDocument(ban, { evicted: 0, packets: null });
    this.#core.events.emit({ at, event, text, ...(document === null ? {} : { ban: document }) });
  }
}
