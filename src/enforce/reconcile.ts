// Makes the kernel hold exactly the wanted bans: at the start, and when somebody else changed the ruleset.

import { type Ban, type BanKey, banKeyText } from "../model/index.ts";
import type { Backend, FailedBan, KernelBan } from "./backend.ts";
import { timeoutMs } from "./ban-set.ts";

/** Ends closer together than this count as one: timeouts are rounded, and time passes between two calls. */
export const TOLERANCE_MS = 3000;

export interface Difference {
  /** Bans that are missing, or that stand with another end. */
  readonly add: readonly Ban[];
  readonly remove: readonly BanKey[];
}

export interface Reconciled {
  readonly added: number;
  readonly removed: number;
  readonly failed: readonly FailedBan[];
}

/** Lists, compares, adds and removes bans. Blocks for as long as that takes. */
export function reconcile(backend: Backend, desired: readonly Ban[], nowMs: number): Reconciled {
  const { add, remove } = difference(desired, backend.list(), nowMs);
  const removed = remove.length === 0 ? NOTHING : backend.remove(remove);
  const added = add.length === 0 ? NOTHING : backend.add(add, nowMs);
  return { added: added.done, removed: removed.done, failed: [...removed.failed, ...added.failed] };
}

const NOTHING = { done: 0, failed: [] };

/**
 * The changes to make. If two desired bans are one in the kernel, the later end counts. Bans that are over do not
 * count.
 */
export function difference(desired: readonly Ban[], held: readonly KernelBan[], nowMs: number): Difference {
  const wanted = new Map<string, Ban>();
  for (const ban of desired) {
    const key = banKeyText(ban);
    const other = wanted.get(key);
    if (ban.until > nowMs && (other === undefined || ban.until > other.until)) wanted.set(key, ban);
  }
  const standing = new Map(held.map((ban) => [banKeyText(ban), ban]));
  return {
    add: [...wanted].filter(([key, ban]) => !isSo(standing.get(key), ban, nowMs)).map(([, ban]) => ban),
    remove: [...standing].filter(([key]) => !wanted.has(key)).map(([, ban]) => ban),
  };
}

function isSo(held: KernelBan | undefined, ban: Ban, nowMs: number): boolean {
  return held !== undefined && Math.abs(held.remainingMs - timeoutMs(ban.until, nowMs)) <= TOLERANCE_MS;
}
