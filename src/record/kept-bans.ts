// The bans that stand, in memory: what the kernel must hold is known however the disk fares.

import { type Ban, type BanKey, banKeyText } from "../model/index.ts";
import { bootEnd, type Instant, remainingMs, shiftTerm, type Term } from "./ban-clock.ts";

/** A ban as it is kept: with who asked for it, and its end by the boot clock. */
export interface KeptBan {
  readonly ban: Ban;
  readonly by: string;
  readonly bootId: string | null;
  readonly untilBootMs: number | null;
}

/** 40 000 bans are the design's most; the kernel's sets end far above. */
const KEPT_MAX = 262_144;

export function keptBan(ban: Ban, by: string, now: Instant): KeptBan {
  return { ban, by, bootId: now.bootId, untilBootMs: bootEnd(ban.until, now) };
}

export class KeptBans {
  readonly #bans = new Map<string, KeptBan>();

  get size(): number {
    return this.#bans.size;
  }

  /** False where there is no room for another. */
  set(kept: KeptBan): boolean {
    const key = banKeyText(kept.ban);
    if (this.#bans.size >= KEPT_MAX && !this.#bans.has(key)) return false;
    this.#bans.set(key, kept);
    return true;
  }

  has(key: BanKey): boolean {
    return this.#bans.has(banKeyText(key));
  }

  /** Takes a ban out: whether it stood, or had run out already; null where there was none. */
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

  /** Forgets all, and holds these instead. */
  replace(bans: Iterable<KeptBan>): void {
    this.#bans.clear();
    for (const kept of bans) this.set(kept);
  }

  /** With the times of the wall clock as it is now. */
  active(now: Instant): Ban[] {
    const active: Ban[] = [];
    for (const kept of this.#bans.values()) {
      const left = remainingMs(termOf(kept), now);
      if (left > 0) active.push(shiftTerm(kept.ban, left, now.wallMs));
    }
    return active;
  }

  /** Takes out those whose term has run out, at most so many. */
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
