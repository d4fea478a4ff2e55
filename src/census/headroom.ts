// How much is left of an owner's slots, and for how long. Pure.

import type { SlotUse } from "../model/index.ts";

export interface Headroom extends SlotUse {
  /** By how much `used` grows; 0 where nobody knows. */
  readonly perSecond: number;
  /** When the slots are full if they go on filling as now: 0 when they are; null where they are not filling, or nobody knows how many there are. */
  readonly secondsToFull: number | null;
}

/** Less than one connection in twenty seconds is no trend. */
const PER_SECOND_MIN = 0.05;

export function headroomOf(
  { used, slots, slotsFrom, slotsWhere }: SlotUse,
  perSecond: number | undefined,
): Headroom {
  const known = perSecond ?? 0;
  const left = slots === null ? null : Math.max(0, slots - used);
  return {
    ...{ used, slots, slotsFrom, slotsWhere, perSecond: known },
    secondsToFull: left === null ? null : left === 0 ? 0 : known >= PER_SECOND_MIN ? left / known : null,
  };
}

/** Of what was not there before nobody knows a rate: a server that starts up does not grow. */
export function ratesPerSecond<K>(
  then: ReadonlyMap<K, number> | undefined,
  now: ReadonlyMap<K, number>,
  seconds: number,
): ReadonlyMap<K, number> {
  const rates = new Map<K, number>();
  if (then === undefined || seconds <= 0) return rates;
  for (const [key, value] of now) {
    const before = then.get(key);
    if (before !== undefined) rates.set(key, (value - before) / seconds);
  }
  return rates;
}

/** What the owner of each listener uses, by the listener's name. */
export function usedByListener(
  listeners: readonly { readonly name: string; readonly used: number }[],
): ReadonlyMap<string, number> {
  return new Map(listeners.map(({ name, used }) => [name, used]));
}
