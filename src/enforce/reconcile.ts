// Makes the kernel hold exactly the bans that are wanted: at the start, and when somebody else changed the ruleset.

import { type Ban, type BanKey, banKeyText } from "../model/index.ts";
import type { Backend, FailedBan, KernelBan } from "./backend.ts";
import { timeoutMs } from "./ban-set.ts";

/** Ends that lie closer together than this are one: timeouts are rounded, and time passes between two calls. */
export const TOLERANCE_MS = 3000;

export interface Difference {
  /** Missing, or standing with another end. */
  readonly add: readonly Ban[];
  readonly remove: readonly BanKey[];
}

export interface Reconciled {
  readonly added: number;
  readonly removed: number;
  readonly failed: readonly FailedBan[];
}

/** Lists, compares, adds and removes. Blocks for as long as a list and the changes take. */
export function reconcile(backend: Backend, desired: readonly Ban[], nowMs: number): Reconciled {
  const { add, remove } = difference(desired, backend.list(), nowMs);
  const removed = remove.length === 0 ? NOTHING : backend.remove(remove);
  const added = add.length === 0 ? NOTHING : backend.add(add, nowMs);
  return { added: added.done, removed: removed.done, failed: [...removed.failed, ...added.failed] };
}

const NOTHING = { done: 0, failed: [] };

/** What has to change. Of two desired bans that are one in the kernel the later end counts; those that are over do not. */
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
