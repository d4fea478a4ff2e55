// The bans that stand, in memory: what the kernel must hold is known however the disk fares.

import { type Ban, type BanKey, banKeyText } from "../model/index.ts";
import { bootEnd, type Instant, remainingMs, shiftTerm, type Term } from "./ban-clock.ts";

/** A ban as it is kept: with who asked for it, and its end by the boot clock. */
export interface HeldBan {
  readonly ban: Ban;
  readonly by: string;
  readonly bootId: string | null;
  readonly untilBootMs: number | null;
}

/** 40 000 bans are the design's most; the kernel's sets end far above. */
const HELD_MAX = 262_144;

export function heldBan(ban: Ban, by: string, now: Instant): HeldBan {
  return { ban, by, bootId: now.bootId, untilBootMs: bootEnd(ban.until, now) };
}

export class HeldBans {
  readonly #bans = new Map<string, HeldBan>();

  get size(): number {
    return this.#bans.size;
  }

  /** False where there is no room for another. */
  set(held: HeldBan): boolean {
    const key = banKeyText(held.ban);
    if (this.#bans.size >= HELD_MAX && !this.#bans.has(key)) return false;
    this.#bans.set(key, held);
    return true;
  }

  has(key: BanKey): boolean {
    return this.#bans.has(banKeyText(key));
  }

  /** Takes a ban out: whether it stood, or had run out already; null where there was none. */
  take(key: BanKey, now: Instant): "stood" | "over" | null {
    const text = banKeyText(key);
    const held = this.#bans.get(text);
    if (held === undefined) return null;
    this.#bans.delete(text);
    return remainingMs(termOf(held), now) > 0 ? "stood" : "over";
  }

  values(): IterableIterator<HeldBan> {
    return this.#bans.values();
  }

  /** Forgets all, and holds these instead. */
  replace(bans: Iterable<HeldBan>): void {
    this.#bans.clear();
    for (const held of bans) this.set(held);
  }

  /** With the times of the wall clock as it is now. */
  active(now: Instant): Ban[] {
    const active: Ban[] = [];
    for (const held of this.#bans.values()) {
      const left = remainingMs(termOf(held), now);
      if (left > 0) active.push(shiftTerm(held.ban, left, now.wallMs));
    }
    return active;
  }

  /** Takes out those whose term has run out, at most so many. */
  takeOver(now: Instant, max: number): HeldBan[] {
    const over: HeldBan[] = [];
    for (const [key, held] of this.#bans) {
      if (over.length >= max) break;
      if (remainingMs(termOf(held), now) > 0) continue;
      over.push(held);
      this.#bans.delete(key);
    }
    return over;
  }
}

export function termOf({ ban: { since, until }, bootId, untilBootMs }: HeldBan): Term {
  return { since, until, bootId, untilBootMs };
}
