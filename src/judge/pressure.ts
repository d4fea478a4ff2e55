// How scarce the slots are. Listeners of one owner share its slots, so pressure belongs to the owner.

import { type Pressure, type PressureLevels, pressureOf, slotShare } from "../model/index.ts";
import type { TrackedListener } from "../track/index.ts";

/** Listeners that share one owner's slots. */
export interface OwnerGroup {
  readonly listeners: ReadonlySet<number>;
  readonly used: number;
  /** Null if nothing says how many there are. Pressure is then always calm. */
  readonly slots: number | null;
  readonly fdUsed: number | null;
  readonly fdLimit: number | null;
  readonly levels: PressureLevels;
  readonly pressure: Pressure;
}

/** Shedding stops this far below critical, so that it does not begin anew at once. */
export const BELOW = 0.05;

export function groupListeners(listeners: readonly TrackedListener[]): OwnerGroup[] {
  const members = new Map<string, number[]>();
  for (const [i, { owner }] of listeners.entries()) {
    const key = owner === null ? `alone ${i}` : `pid ${owner.pid}`;
    members.set(key, [...(members.get(key) ?? []), i]);
  }
  return [...members.values()].map((indexes) => groupOf(listeners, indexes));
}

function groupOf(all: readonly TrackedListener[], indexes: readonly number[]): OwnerGroup {
  const listeners = indexes.map((i) => all[i]!);
  // Slots belong to the owner, so each of its listeners has the same.
  const { used, slots, fdHeld, owner } = listeners[0]!;
  const group = {
    listeners: new Set(indexes),
    used,
    slots,
    fdUsed: fdHeld,
    fdLimit: owner?.fdLimit ?? null,
    levels: {
      tight: Math.min(...listeners.map(({ policy }) => policy.pressure.tight)),
      critical: Math.min(...listeners.map(({ policy }) => policy.pressure.critical)),
    },
  };
  const taken = Math.max(slotShare(group), descriptorShare(group));
  return { ...group, pressure: pressureOf(taken, group.levels) };
}

/** The share of descriptors used. It counts only while most of them are connections, since no eviction frees the others. */
function descriptorShare({ used, fdUsed, fdLimit }: Pick<OwnerGroup, "used" | "fdUsed" | "fdLimit">): number {
  if (fdUsed === null || fdLimit === null || !Number.isFinite(fdLimit)) return 0;
  return used >= fdUsed / 2 ? fdUsed / Math.max(1, fdLimit) : 0;
}

/** How many connections must go until only a share of `level` is taken; 0 or less if none must. */
export function excessOver({ used, slots, fdUsed, fdLimit }: OwnerGroup, level: number): number {
  const bySlots = slots === null ? 0 : used - Math.floor(level * slots);
  const counts = fdUsed !== null && fdLimit !== null && Number.isFinite(fdLimit) && used >= fdUsed / 2;
  const byDescriptors = counts ? fdUsed - Math.floor(level * fdLimit) : 0;
  return Math.max(bySlots, byDescriptors);
}
