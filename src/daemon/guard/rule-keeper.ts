// Keeps the kernel's rules as they should be: names the ports where the listeners are now, holds the bans that stand, and
// brings back what somebody else took out.

import type { WatchCensus } from "../../census/index.ts";
import {
  type Backend,
  type BackendName,
  type Changed,
  type KernelBan,
  type RulesetSpec,
  reconcile,
} from "../../enforce/index.ts";
import type { Ban } from "../../model/index.ts";
import type { GuardSettings } from "./messages.ts";
import { openBackend } from "./open-backend.ts";
import { specOf } from "./spec.ts";

/** How often the kernel is asked whether somebody else changed its rules. */
const WATCH_MS = 200;

/** A ban that was refused must not be forgotten, nor a full set be compared whole five times a second. */
const RETRY_MS = 5000;

type Bans = Iterable<Ban>;

export class RuleKeeper implements Disposable {
  #backend: Backend;
  #settings: GuardSettings;
  #census: WatchCensus | null = null;
  /** What was set up last, as text; empty when it has to be done again. */
  #specKey = "";
  #askedAt = Number.NEGATIVE_INFINITY;
  /** When what the kernel has refused is tried again; Infinity for nothing. */
  #retryAt = Number.POSITIVE_INFINITY;

  constructor(settings: GuardSettings) {
    this.#settings = settings;
    this.#backend = openBackend(settings.backend);
  }

  get backend(): BackendName {
    return this.#backend.name;
  }

  /** Another backend takes over with nothing of the old one left. */
  configure(settings: GuardSettings): void {
    if (settings.backend !== this.#settings.backend) {
      this.#backend.tearDown();
      this.#backend[Symbol.dispose]();
      this.#backend = openBackend(settings.backend);
    }
    this.#settings = settings;
    this.#specKey = "";
  }

  /** Sets the rules up anew where the listeners have changed. Throws BackendError. */
  follow(census: WatchCensus, bans: Bans, nowMs: number): void {
    this.#census = census;
    const spec = specOf(census, this.#settings);
    const key = JSON.stringify(spec);
    if (key === this.#specKey) return;
    this.#backend.setUp(spec);
    const reconciled = reconcile(this.#backend, guardedOf(bans, spec), nowMs);
    this.#specKey = key;
    this.#retryAt = retryAt(reconciled, nowMs);
    throwFirst(reconciled);
  }

  /** Whether it is time to ask the kernel again. */
  isDue(nowMs: number): boolean {
    return this.#census !== null && Math.abs(nowMs - this.#askedAt) >= WATCH_MS;
  }

  /**
   * Brings back what somebody else has changed, and what the kernel has refused before; returns how many bans somebody else
   * took, or null where nobody did. Throws BackendError.
   */
  restore(bans: Bans, nowMs: number): number | null {
    if (this.#census === null) return null;
    this.#askedAt = nowMs;
    const disturbed = this.#backend.disturbed() || this.#specKey === "";
    if (!disturbed && nowMs < this.#retryAt) return null;
    const spec = specOf(this.#census, this.#settings);
    this.#specKey = "";
    this.#backend.setUp(spec);
    const reconciled = reconcile(this.#backend, guardedOf(bans, spec), nowMs);
    this.#specKey = JSON.stringify(spec);
    this.#retryAt = retryAt(reconciled, nowMs);
    throwFirst(reconciled);
    return disturbed ? reconciled.added : null;
  }

  /** Throws BackendError for the first that the kernel refused; the others stand, and it is tried again with them all in a while. */
  add(bans: readonly Ban[], nowMs: number): void {
    const changed = this.#backend.add(bans, nowMs);
    this.#retryAt = Math.min(this.#retryAt, retryAt(changed, nowMs));
    throwFirst(changed);
  }

  /** Bans of listeners that are not guarded now are not in the kernel. */
  remove(bans: readonly Ban[]): void {
    const held = this.#census === null ? bans : guardedOf(bans, specOf(this.#census, this.#settings));
    throwFirst(this.#backend.remove(held));
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

/** Bans of a listener that has gone, or that nobody guards any more, wait for it; the kernel has no place for them. */
function guardedOf(bans: Bans, { listeners }: RulesetSpec): Ban[] {
  const names = new Set(listeners.map(({ name }) => name));
  return [...bans].filter(({ listener }) => listener === null || names.has(listener));
}

function retryAt({ failed }: Pick<Changed, "failed">, nowMs: number): number {
  return failed.length > 0 ? nowMs + RETRY_MS : Number.POSITIVE_INFINITY;
}

/** One refusal is as good as all of them, to be told and tried again. */
function throwFirst({ failed }: Pick<Changed, "failed">): void {
  if (failed.length > 0) throw failed[0]!.error;
}
