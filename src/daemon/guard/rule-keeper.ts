// Keeps the kernel's rules as they should be: names the ports where the listeners are now, holds the bans that stand, and
// brings back what somebody else took out.

import type { WatchCensus } from "../../census/index.ts";
import {
  type Backend,
  type BackendName,
  type Changed,
  type KernelBan,
  reconcile,
} from "../../enforce/index.ts";
import type { Ban } from "../../model/index.ts";
import type { GuardSettings } from "./messages.ts";
import { openBackend } from "./open-backend.ts";
import { specOf } from "./spec.ts";

/** How often the kernel is asked whether somebody else changed its rules. */
const WATCH_MS = 200;

type Bans = Iterable<Ban>;

export class RuleKeeper implements Disposable {
  #backend: Backend;
  #settings: GuardSettings;
  #census: WatchCensus | null = null;
  /** What was set up last, as text; empty when it has to be done again. */
  #specKey = "";
  #askedAt = Number.NEGATIVE_INFINITY;

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
    throwFirst(reconcile(this.#backend, [...bans], nowMs));
    this.#specKey = key;
  }

  /** Brings back what somebody else has changed; returns how many bans, or null where all is as it was. Throws BackendError. */
  restore(bans: Bans, nowMs: number): number | null {
    if (this.#census === null || Math.abs(nowMs - this.#askedAt) < WATCH_MS) return null;
    this.#askedAt = nowMs;
    if (this.#specKey !== "" && !this.#backend.disturbed()) return null;
    const spec = specOf(this.#census, this.#settings);
    this.#specKey = "";
    this.#backend.setUp(spec);
    const reconciled = reconcile(this.#backend, [...bans], nowMs);
    throwFirst(reconciled);
    this.#specKey = JSON.stringify(spec);
    return reconciled.added;
  }

  /** Throws BackendError for the first that the kernel refused; the others stand. */
  add(bans: readonly Ban[], nowMs: number): void {
    throwFirst(this.#backend.add(bans, nowMs));
  }

  remove(bans: readonly Ban[]): void {
    throwFirst(this.#backend.remove(bans));
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
