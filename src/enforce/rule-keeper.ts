// Keeps the kernel's rules as they should be: names the listeners' present ports, holds the bans that stand, and brings
// back what somebody else took out.

import type { BackendName, Ban } from "../model/index.ts";
import type { Backend, Changed, KernelBan, RulesetSpec } from "./backend.ts";
import { openBackend } from "./backends.ts";
import { reconcile } from "./reconcile.ts";
import { type PlacedListener, type RulesetWishes, specOf } from "./spec.ts";

/** How often the kernel is asked whether somebody else changed its rules. */
const WATCH_MS = 200;
/** How often bans are renewed: an element lasts at most 24 days (ipset's limit), and bans may be longer. */
const RENEW_MS = 12 * 60 * 60 * 1000;
/**
 * The longest wait between tries while the kernel refuses our rules. Each wait is longer than the last, but protection
 * is back within a second.
 */
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
  /** The last set-up, as text; empty if it has to be done again. */
  #specKey = "";
  #askedAt = Number.NEGATIVE_INFINITY;
  #waitMs = WATCH_MS;
  #renewedAt = Number.NEGATIVE_INFINITY;
  /** The reason why the rules do not stand; null if they do. */
  #refused: unknown = null;

  /** Throws BackendError if the backend cannot be opened. */
  constructor(settings: RuleSettings, open: OpenBackend = openBackend) {
    this.#settings = settings;
    this.#open = open;
    this.#backend = open(settings.backend);
  }

  /**
   * Changes the settings. Another backend takes over, and nothing of the old one is left. Throws BackendError. The old
   * one stays if the new one cannot be opened.
   */
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

  /** Sets the rules up anew if the listeners have changed. Throws BackendError. */
  follow(listeners: readonly PlacedListener[], bans: Iterable<Ban>, nowMs: number): void {
    this.#listeners = listeners;
    const spec = specOf(listeners, this.#settings);
    const key = JSON.stringify(spec);
    if (key === this.#specKey) return;
    // Refused rules are tried again at their own time, not at every scan.
    if (this.#refused !== null && !this.isDue(nowMs)) throw this.#refused;
    this.#apply(spec, bans, nowMs);
  }

  /** Makes the kernel hold rules and bans. Returns how many bans it lacked. */
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
   * Brings back what somebody else has changed, and what the kernel refused before. Returns how many bans somebody else
   * took out, or null if nobody changed anything. Throws BackendError.
   */
  restore(bans: Iterable<Ban>, nowMs: number): number | null {
    this.#askedAt = nowMs;
    const failed = this.#specKey === "";
    if (!failed && !this.#backend.disturbed()) {
      this.#renew(bans, nowMs);
      return null;
    }
    const added = this.#apply(specOf(this.#listeners!, this.#settings), bans, nowMs);
    // After a failure of our own nobody else took anything away.
    return failed ? null : added;
  }

  #renew(bans: Iterable<Ban>, nowMs: number): void {
    if (nowMs - this.#renewedAt < RENEW_MS) return;
    this.#renewedAt = nowMs;
    throwFirst(reconcile(this.#backend, this.#fitting(bans), nowMs));
  }

  /**
   * Adds bans. Throws BackendError for the first that the kernel refused. The others stand, and refused ones are tried
   * again.
   */
  add(bans: readonly Ban[], nowMs: number): void {
    try {
      throwFirst(this.#backend.add(bans, nowMs));
    } catch (error) {
      this.#specKey = "";
      // The reason why the rules do not stand says more than a missing set does.
      throw this.#refused ?? error;
    }
  }

  /**
   * The bans that belong here. A ban holds nobody off if its listener is of another namespace or of a former
   * configuration.
   */
  #fitting(bans: Iterable<Ban>): Ban[] {
    const names = new Set(specOf(this.#listeners!, this.#settings).listeners.map(({ name }) => name));
    return [...bans].filter(({ listener }) => listener === null || names.has(listener));
  }

  /** Removes bans. Those of listeners that are not guarded are not in the kernel. */
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

/** Throws the first refusal: it stands for all of them, to be told and tried again. */
function throwFirst({ failed }: Pick<Changed, "failed">): void {
  if (failed.length > 0) throw failed[0]!.error;
}
