// The ledger holds what must outlive the process. Standing bans and allow entries are in memory as well, so that they
// are known even if the disk fails. The store answers for the rest.

import type { BanHistory, Standing } from "../judge/index.ts";
import {
  type AllowEntry,
  type Ban,
  type BanKey,
  type Finding,
  formatNetwork,
  type Network,
  type RuleName,
} from "../model/index.ts";
import { type Instant, remainingMs } from "./ban-clock.ts";
import type { LedgerHealth } from "./failure.ts";
import { type KeptBan, KeptBans, keptBan, termOf } from "./kept-bans.ts";
import { banEvents, liftEvents } from "./ledger-events.ts";
import { Store } from "./store.ts";
import type { RecordedAllow } from "./tables/allow-table.ts";
import type { CountRemembered } from "./tables/bans-table.ts";
import type { LedgerEvent, LedgerEventKind } from "./tables/events-table.ts";
import type { FindingQuery, RecordedFinding } from "./tables/findings-table.ts";
import type { Tables } from "./tables/tables.ts";
import type { Write } from "./write-queue.ts";

export interface LedgerOptions {
  /** The file, `ledger.db` in the state folder. The folder is made if it is not there. */
  readonly path: string;
  /** How long rows are kept after their end. */
  readonly retentionMs: number;
  /** The wall clock. */
  readonly nowMs: number;
  /** /proc/sys/kernel/random/boot_id. Without it and `bootMs` the wall clock alone decides how long a ban lasts. */
  readonly bootId?: string;
  /** CLOCK_BOOTTIME, as in /proc/uptime. */
  readonly bootMs?: () => number;
  /** The clock for the waits between tries; by default process time. */
  readonly monotonicMs?: () => number;
  /** How many entries may wait in memory for a disk that refuses them. */
  readonly queueMax?: number;
}

/** Destroyed sockets of one source or network. */
export interface EvictionEntry {
  readonly source: Network;
  /** Null for every guarded listener. */
  readonly listener: string | null;
  readonly count: number;
  readonly rule: RuleName;
  readonly at: number;
}

const QUEUE_MAX = 50_000;

/** Terms that are marked as over in one call of prune(). */
const OVER_MAX = 5000;

/**
 * Opens the ledger. Throws LedgerError if another process holds it, or if a later release wrote it. Every other trouble
 * is health.
 */
export function openLedger(options: LedgerOptions): Ledger {
  return new Ledger(options);
}

export class Ledger implements Disposable {
  readonly #options: LedgerOptions;
  readonly #store: Store;
  #retentionMs: number;
  readonly #kept = new KeptBans();
  readonly #allow = new Map<string, RecordedAllow>();
  /** Bans of an earlier boot, which this boot's clock is to time. */
  #rebased: KeptBan[] = [];

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#retentionMs = options.retentionMs;
    const monotonicMs = options.monotonicMs ?? (() => performance.now());
    const openedAt = monotonicMs();
    const wallMs = () => Math.round(options.nowMs + monotonicMs() - openedAt);
    this.#store = new Store({
      file: options.path,
      queueMax: options.queueMax ?? QUEUE_MAX,
      monotonicMs,
      wallMs,
      standing: {
        rewrite: (alone) => this.#rewrite(alone),
        load: (tables) => this.#load(tables, wallMs()),
      },
    });
    this.#keepRebased();
  }

  /**
   * Adds bans. A ban with the key and the beginning of a standing one changes that one. A ban with its key alone takes
   * its place.
   */
  addBans(bans: readonly Ban[], by: string, nowMs: number): void {
    const now = this.#instant(nowMs);
    const all = bans.map((ban) => keptBan(ban, by, now));
    const fit = all.filter((kept) => this.#kept.set(kept));
    this.#store.drop(all.length - fit.length);
    const events = banEvents(bans, by, nowMs);
    this.#write(fit.length, bans.some(isOperators), (tables) => {
      for (const kept of fit) tables.bans.put(kept);
      for (const event of events) tables.events.add(event);
    });
  }

  /** Ends bans before their time, and returns those that stood. A missing ban is no error. */
  liftBans(keys: readonly BanKey[], nowMs: number, by: string): BanKey[] {
    const now = this.#instant(nowMs);
    const taken = keys.map((key) => ({ key, was: this.#kept.take(key, now) }));
    const lifted = taken.filter(({ was }) => was === "stood").map(({ key }) => key);
    const events = liftEvents(lifted, by, nowMs);
    this.#write(keys.length, true, ({ bans, events: log }) => {
      // A ban that had run out ends as a term: nobody held it for wrong. A ban that memory lacks may still be on disk.
      for (const { key, was } of taken) bans.end(key, was === "over" ? "term" : "lifted", by, nowMs);
      for (const event of events) log.add(event);
    });
    return lifted;
  }

  /** The bans that the kernel must hold, with times by the present wall clock. Asks memory alone. */
  activeBans(nowMs: number): Ban[] {
    this.#store.retry();
    return this.#kept.active(this.#instant(nowMs));
  }

  /** The ban histories by source, of bans that began since then. The operator's bans and lifted ones do not count. */
  banHistory(sinceMs: number, remembered: CountRemembered = ({ bans }) => bans): BanHistory[] {
    return this.#store.read((tables) => tables.bans.history(sinceMs, remembered), []);
  }

  addEviction({ source, ...entry }: EvictionEntry): void {
    const text = formatNetwork(source);
    this.#write(1, false, ({ evictions }) => evictions.add({ ...entry, source: text }));
  }

  /** How many of the source's sockets were destroyed during the ban, by whole minutes. */
  evictedOf({ source, listener, since, until }: Ban): number {
    const text = formatNetwork(source);
    return this.#store.read(({ evictions }) => evictions.sum(text, listener, since, until), 0);
  }

  addFindings(findings: readonly Finding[], at: number): void {
    this.#write(findings.length, false, (tables) => {
      for (const finding of findings) tables.findings.add(finding, at);
    });
  }

  /** The findings that match, the latest first. */
  findings(query: FindingQuery): RecordedFinding[] {
    return this.#store.read((tables) => tables.findings.find(query), []);
  }

  /** Adds or changes an entry of the operator's. */
  allow(entry: AllowEntry, by: string, nowMs: number): void {
    const { network, reason } = entry;
    const key = formatNetwork(network);
    const recorded = { ...entry, by, since: this.#allow.get(key)?.since ?? nowMs };
    this.#allow.set(key, recorded);
    this.#write(1, true, (tables) => {
      tables.allow.put(recorded);
      tables.events.add(allowEvent("allow", key, reason ?? "", by, nowMs));
    });
  }

  /** Removes an entry. Returns whether there was one. */
  disallow(network: Network, by: string, nowMs: number): boolean {
    const key = formatNetwork(network);
    const was = this.#allow.delete(key);
    this.#write(1, true, (tables) => {
      tables.allow.remove(key);
      if (was) tables.events.add(allowEvent("disallow", key, "", by, nowMs));
    });
    return was;
  }

  /** The operator's entries, the oldest first. */
  allowEntries(): RecordedAllow[] {
    return [...this.#allow.values()];
  }

  /** Adds or changes standings. Others stay until their retention has passed. */
  saveStandings(list: readonly Standing[]): void {
    const apply = ({ standings }: Tables) => {
      for (const standing of list) standings.put(standing);
    };
    this.#store.write({ entries: list.length, durable: false, apply, replaces: "standings" });
  }

  standings(): Standing[] {
    return this.#store.read((tables) => tables.standings.all(), []);
  }

  /** The events: who did what, the latest first. */
  events(limit: number): LedgerEvent[] {
    return this.#store.read((tables) => tables.events.latest(limit), []);
  }

  /** Sets how long rows are kept after their end. The next prune() uses it. */
  keepFor(retentionMs: number): void {
    this.#retentionMs = retentionMs;
  }

  /**
   * Marks bans that have run out, and removes rows that ended longer ago than the retention. Each call does a bounded
   * part, so callers repeat it until it returns 0. Returns how many rows went.
   */
  prune(nowMs: number): number {
    this.#keepRebased();
    const over = this.#kept.takeOver(this.#instant(nowMs), OVER_MAX);
    if (over.length > 0) {
      this.#write(over.length, false, ({ bans }) => {
        for (const { ban } of over) bans.end(ban, "term", null, nowMs);
      });
    }
    return this.#store.prune(nowMs - this.#retentionMs);
  }

  /** Tells how the disk is. Like every other call it first writes what waits, if it is time to try again. */
  health(): LedgerHealth {
    return this.#store.health();
  }

  /** Tries once more to write what waits. Afterwards health() tells what was not written. */
  close(): void {
    this.#store.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #write(entries: number, durable: boolean, apply: Write["apply"]): void {
    if (entries > 0) this.#store.write({ entries, durable, apply });
  }

  #instant(wallMs: number): Instant {
    const { bootId, bootMs } = this.#options;
    return bootId === undefined || bootMs === undefined
      ? { wallMs, bootId: null, bootMs: null }
      : { wallMs, bootId, bootMs: bootMs() };
  }

  #rewrite(alone: boolean): Write {
    const apply = ({ bans, allow }: Tables) => {
      if (alone)
        for (const { ban } of this.#strangers(bans.standing())) bans.end(ban, "term", null, ban.until);
      for (const kept of this.#kept.values()) bans.put(kept);
      if (alone) for (const { network } of allow.all()) allow.remove(formatNetwork(network));
      for (const entry of this.#allow.values()) allow.put(entry);
    };
    return { entries: 0, durable: true, apply };
  }

  /** Standing bans that memory lacks. All are read before anything is changed: SQLite may show a changed row twice. */
  #strangers(standing: Iterable<KeptBan>): KeptBan[] {
    return [...standing].filter(({ ban }) => !this.#kept.has(ban));
  }

  #load({ bans, allow }: Tables, wallMs: number): void {
    const now = this.#instant(wallMs);
    this.#kept.replace(bans.standing());
    this.#rebased = [...this.#kept.values()].flatMap((kept) => rebase(kept, now));
    for (const kept of this.#rebased) this.#kept.set(kept);
    this.#allow.clear();
    for (const entry of allow.all()) this.#allow.set(formatNetwork(entry.network), entry);
  }

  #keepRebased(): void {
    const rebased = this.#rebased.filter(({ ban }) => this.#kept.has(ban));
    this.#rebased = [];
    this.#write(rebased.length, false, ({ bans }) => {
      for (const kept of rebased) bans.put(kept);
    });
  }
}

/** Gives a ban of an earlier boot its end by this boot's clock. The wall clock says how long it has left. */
function rebase(kept: KeptBan, now: Instant): KeptBan[] {
  if (now.bootId === null || now.bootMs === null || kept.bootId === now.bootId) return [];
  const untilBootMs = now.bootMs + remainingMs(termOf(kept), now);
  return [{ ...kept, bootId: now.bootId, untilBootMs }];
}

function isOperators({ rule }: Ban): boolean {
  return rule === "operator";
}

function allowEvent(
  what: LedgerEventKind,
  source: string,
  text: string,
  who: string,
  at: number,
): LedgerEvent {
  return { at, who, what, source, listener: null, text };
}
