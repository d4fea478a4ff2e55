// Counters, read twice: whether one rises, and its total since the namespace began.

import { type CheckVerdict, type FailedVerdict, failed, ok, unknown } from "../check.ts";
import type { MachineFacts } from "../facts/machine-facts.ts";

export interface CounterRise {
  readonly name: string;
  readonly total: number;
  /** Between the two readings. */
  readonly rise: number;
}

/** Null where the kernel has no such counter here. */
export function riseOf({ counters: { first, second } }: MachineFacts, name: string): CounterRise | null {
  const total = second.get(name);
  return total === undefined ? null : { name, total, rise: total - (first.get(name) ?? total) };
}

export function readRise(
  { counters: { seconds } }: MachineFacts,
  { name, total, rise }: CounterRise,
): string {
  return seconds === 0 ? `${name}: ${total}` : `${name}: ${total} (+${rise} in ${seconds} s)`;
}

/** Fails when any of these counters rises; otherwise it tells their totals since boot. */
export function judgeRising(
  facts: MachineFacts,
  names: readonly string[],
  failure: (risen: readonly CounterRise[]) => Omit<FailedVerdict, "kind" | "read">,
  calm: string,
): CheckVerdict {
  const rises = names.map((name) => riseOf(facts, name)).filter((rise) => rise !== null);
  if (rises.length === 0) return unknown(`the kernel does not count this here: ${names.join(", ")}`);
  const read = rises.map((rise) => readRise(facts, rise));
  const { seconds } = facts.counters;
  if (seconds === 0) return unknown("counters must be read twice to see them rise; use --seconds 2", read);
  const risen = rises.filter(({ rise }) => rise > 0);
  if (risen.length > 0) return failed({ ...failure(risen), read });
  const total = rises.reduce((sum, rise) => sum + rise.total, 0);
  return ok(total === 0 ? `${calm}, ever` : `${calm} in ${seconds} s; ${total} since the start`, read);
}

export function sumOf(risen: readonly CounterRise[]): number {
  return risen.reduce((sum, { rise }) => sum + rise, 0);
}

/** `in 2 s`: between the two readings. */
export const meanwhile = ({ counters: { seconds } }: MachineFacts): string => `in ${seconds} s`;
