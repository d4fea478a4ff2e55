// Keeps the kernel's rules as they should be: names the ports where the listeners are now, holds the bans that stand, and
// brings back what somebody else took out.

import type { BackendName, Ban } from "../model/index.ts";
import type { Backend, Changed, KernelBan, RulesetSpec } from "./backend.ts";
import { openBackend } from "./backends.ts";
import { reconcile } from "./reconcile.ts";
import { type PlacedListener, type RulesetWishes, specOf } from "./spec.ts";

/** How often the kernel is asked whether somebody else changed its rules. */
const WATCH_MS = 200;
/** An element cannot last longer than 24 days (ipset's limit); bans that do are renewed in time. */
const RENEW_MS = 12 * 60 * 60 * 1000;
/** While it refuses ours, each try is later than the one before, up to this: protection is back within a second. */
const RETRY_MAX_MS = 800;

/** Opens the backend of a name, in the calling thread's network namespace. Throws BackendError. */
export type OpenBackend = (name: BackendName) => Backend;

export interface RuleSettings extends RulesetWishes {
  readonly backend: BackendName;
}

export class RuleKeeper implements Disposable {
  readonly #open: OpenBackend;
  #backend: Backend;
  #settings: RuleSettings;
  #listeners: readonly PlacedListener[] | null = null;
  /** What was set up last, as text; empty when it has to be done again. */
  #specKey = "";
  #askedAt = Number.NEGATIVE_INFINITY;
  #waitMs = WATCH_MS;
  #renewedAt = Number.NEGATIVE_INFINITY;
  /** Why the rules do not stand; null where they do. */
  #refused: unknown = null;

  /** Throws BackendError where the backend cannot be had. */
  constructor(settings: RuleSettings, open: OpenBackend = openBackend) {
    this.#settings = settings;
    this.#open = open;
    this.#backend = open(settings.backend);
  }

  /** Another backend takes over with nothing of the old one left. Throws BackendError; the old one stays where the new one cannot be had. */
  configure(settings: RuleSettings): void {
    this.#settings = settings;
    this.#specKey = "";
    this.#refused = null;
    if (settings.backend === this.#backend.name) return;
    using before = this.#openInstead(settings.backend);
    before.tearDown();
  }

  #openInstead(name: BackendName): Backend {
    const opened = this.#open(name);
    const before = this.#backend;
    this.#backend = opened;
    return before;
  }

  /** Sets the rules up anew where the listeners have changed. Throws BackendError. */
  follow(listeners: readonly PlacedListener[], bans: Iterable<Ban>, nowMs: number): void {
    this.#listeners = listeners;
    const spec = specOf(listeners, this.#settings);
    const key = JSON.stringify(spec);
    if (key === this.#specKey) return;
    // What was refused is tried again in its time, not at every scan.
    if (this.#refused !== null && !this.isDue(nowMs)) throw this.#refused;
    this.#apply(spec, bans, nowMs);
  }

  /** Makes the kernel so; returns how many bans it lacked. */
  #apply(spec: RulesetSpec, bans: Iterable<Ban>, nowMs: number): number {
    this.#specKey = "";
    this.#askedAt = nowMs;
    try {
      this.#backend.setUp(spec);
      const reconciled = reconcile(this.#backend, this.#fitting(bans), nowMs);
      throwFirst(reconciled);
      this.#specKey = JSON.stringify(spec);
      this.#refused = null;
      this.#waitMs = WATCH_MS;
      this.#renewedAt = nowMs;
      return reconciled.added;
    } catch (error) {
      this.#refused = error;
      this.#waitMs = Math.min(2 * this.#waitMs, RETRY_MAX_MS);
      throw error;
    }
  }

  /** Whether it is time to ask the kernel. */
  isDue(nowMs: number): boolean {
    return this.#listeners !== null && Math.abs(nowMs - this.#askedAt) >= this.#waitMs;
  }

  /**
   * Brings back what somebody else has changed, and what the kernel refused before. Returns how many bans somebody else had
   * taken out, or null where nobody changed anything. Throws BackendError.
   */
  restore(bans: Iterable<Ban>, nowMs: number): number | null {
    this.#askedAt = nowMs;
    const failed = this.#specKey === "";
    if (!failed && !this.#backend.disturbed()) {
      this.#renew(bans, nowMs);
      return null;
    }
    const added = this.#apply(specOf(this.#listeners!, this.#settings), bans, nowMs);
    // What we failed to do ourselves was taken away by nobody.
    return failed ? null : added;
  }

  #renew(bans: Iterable<Ban>, nowMs: number): void {
    if (nowMs - this.#renewedAt < RENEW_MS) return;
    this.#renewedAt = nowMs;
    throwFirst(reconcile(this.#backend, this.#fitting(bans), nowMs));
  }

  /** Throws BackendError for the first that the kernel refused; the others stand, and those refused are tried again. */
  add(bans: readonly Ban[], nowMs: number): void {
    try {
      throwFirst(this.#backend.add(bans, nowMs));
    } catch (error) {
      this.#specKey = "";
      // Why the rules do not stand says more than that there is no set for the ban.
      throw this.#refused ?? error;
    }
  }

  /** Bans of listeners that are not here, of another namespace or a former configuration, hold nobody off. */
  #fitting(bans: Iterable<Ban>): Ban[] {
    const names = new Set(specOf(this.#listeners!, this.#settings).listeners.map(({ name }) => name));
    return [...bans].filter(({ listener }) => listener === null || names.has(listener));
  }

  /** Bans of listeners that are not guarded now are not in the kernel. */
  remove(bans: readonly Ban[]): void {
    throwFirst(this.#backend.remove(this.#listeners === null ? bans : this.#fitting(bans)));
  }

  list(): KernelBan[] {
    return this.#backend.list();
  }

  tearDown(): void {
    this.#backend.tearDown();
  }

  [Symbol.dispose](): void {
    this.#backend[Symbol.dispose]();
  }
}

/** One refusal is as good as all of them, to be told and tried again. */
function throwFirst({ failed }: Pick<Changed, "failed">): void {
  if (failed.length > 0) throw failed[0]!.error;
}
