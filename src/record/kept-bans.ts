// The standing bans, in memory: the guard knows what the kernel must hold even if the disk fails.

import { type Ban, type BanKey, banKeyText } from "../model/index.ts";
import { bootEnd, type Instant, remainingMs, shiftTerm, type Term } from "./ban-clock.ts";

/** A ban as it is kept: with the one who asked for it, and its end by the boot clock. */
export interface KeptBan {
  readonly ban: Ban;
  readonly by: string;
  readonly bootId: string | null;
  readonly untilBootMs: number | null;
}

/** The bound of memory. The design's most is 40 000 bans; the kernel's sets hold far more. */
const KEPT_MAX = 262_144;

export function keptBan(ban: Ban, by: string, now: Instant): KeptBan {
  return { ban, by, bootId: now.bootId, untilBootMs: bootEnd(ban.until, now) };
}

export class KeptBans {
  readonly #bans = new Map<string, KeptBan>();

  get size(): number {
    return this.#bans.size;
  }

  /** Keeps a ban. False if there is no room for another. */
  set(kept: KeptBan): boolean {
    const key = banKeyText(kept.ban);
    if (this.#bans.size >= KEPT_MAX && !this.#bans.has(key)) return false;
    this.#bans.set(key, kept);
    return true;
  }

  has(key: BanKey): boolean {
    return this.#bans.has(banKeyText(key));
  }

  /** Takes a ban out. Tells whether it stood or had run out; null if there was none. */
  take(key: BanKey, now: Instant): "stood" | "over" | null {
    const text = banKeyText(key);
    const kept = this.#bans.get(text);
    if (kept === undefined) return null;
    this.#bans.delete(text);
    return remainingMs(termOf(kept), now) > 0 ? "stood" : "over";
  }

  values(): IterableIterator<KeptBan> {
    return this.#bans.values();
  }

  /** Replaces all bans by these. */
  replace(bans: Iterable<KeptBan>): void {
    this.#bans.clear();
    for (const kept of bans) this.set(kept);
  }

  /** The bans that are not over, with times by the present wall clock. */
  active(now: Instant): Ban[] {
    const active: Ban[] = [];
    for (const kept of this.#bans.values()) {
      const left = remainingMs(termOf(kept), now);
      if (left > 0) active.push(shiftTerm(kept.ban, left, now.wallMs));
    }
    return active;
  }

  /** Takes out at most `max` bans whose term has run out. */
  takeOver(now: Instant, max: number): KeptBan[] {
    const over: KeptBan[] = [];
    for (const [key, kept] of this.#bans) {
      if (over.length >= max) break;
      if (remainingMs(termOf(kept), now) > 0) continue;
      over.push(kept);
      this.#bans.delete(key);
    }
    return over;
  }
}

export function termOf({ ban: { since, until }, bootId, untilBootMs }: KeptBan): Term {
  return { since, until, bootId, untilBootMs };
}
