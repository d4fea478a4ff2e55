// Max-min fairness: when there is not enough for all, a source that asks for little gets it. The rest is divided
// equally among the others.

import type { OwnerGroup } from "./pressure.ts";
import type { Round } from "./round.ts";

/** The share of each source of a group when the slots are to be `level` full. */
export function shareAt(round: Round, group: OwnerGroup, level: number): number {
  if (group.slots === null) return Number.POSITIVE_INFINITY;
  const held: number[] = [];
  for (const source of round.view.holding(group.listeners, 1)) held.push(round.remaining(source));
  return Math.max(1, fairShare(held, Math.floor(level * group.slots)));
}

/**
 * The share: the largest number L such that all of `held`, each cut to L, fit into `capacity`. Infinity if they fit
 * uncut.
 */
export function fairShare(held: readonly number[], capacity: number): number {
  const ascending = [...held].sort((a, b) => a - b);
  let left = Math.max(0, capacity);
  for (const [i, amount] of ascending.entries()) {
    const each = left / (ascending.length - i);
    if (amount > each) return Math.floor(each);
    left -= amount;
  }
  return Number.POSITIVE_INFINITY;
}

export interface Shareholder {
  /** How many it holds. */
  readonly held: number;
  /** How many of those may be taken. */
  readonly available: number;
}

/**
 * How much to take from each holder so that `need` comes together. All are cut to one level, the largest first, as far
 * as they have something to give. If that is not enough, everything available is taken.
 */
export function takeFairly(holdings: readonly Shareholder[], need: number): number[] {
  const all = holdings.reduce((sum, { available }) => sum + available, 0);
  if (all <= need) return holdings.map(({ available }) => available);
  const takenAt = (level: number): number =>
    holdings.reduce((sum, holding) => sum + cutTo(level, holding), 0);
  let low = 0;
  let high = holdings.reduce((most, { held }) => Math.max(most, held), 0);
  // Finds the highest level that still yields `need`.
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (takenAt(middle) >= need) low = middle;
    else high = middle - 1;
  }
  const takes = holdings.map((holding) => cutTo(low, holding));
  giveBack(takes, holdings, { surplus: takes.reduce((sum, take) => sum + take, 0) - need, level: low });
  return takes;
}

function cutTo(level: number, { held, available }: Shareholder): number {
  return Math.min(available, Math.max(0, held - level));
}

/**
 * Gives the surplus back. Levels are whole numbers, so cutting may take too much: holders cut to the level get one back
 * each until exactly the need is taken.
 */
function giveBack(
  takes: number[],
  holdings: readonly Shareholder[],
  { surplus, level }: { readonly surplus: number; readonly level: number },
): void {
  let left = surplus;
  for (let i = 0; i < takes.length && left > 0; i++) {
    if (takes[i]! > 0 && holdings[i]!.held - takes[i]! === level) {
      takes[i]!--;
      left--;
    }
  }
}
