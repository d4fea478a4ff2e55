// The hoards that go on, from the findings of the last minute, for the diagnosis of a failing monitor. A few
// connections past their time are no hoard. Together they must be what `diagnose` calls a hoard, and hold enough of the
// slots to matter. The clock is an argument.

import { type Finding, type HoardCause, hoardCause, type RuleName } from "../../model/index.ts";

/** A hoard that goes on. */
export interface Hoard {
  readonly cause: HoardCause;
  /** The text of the latest finding about it. */
  readonly text: string;
}

/** Findings are told only once in a while, so a hoard counts as going on this long after its last one. */
const LASTS_MS = 60_000;
/** Hoards of a smaller part of the slots are only a remark to `diagnose`, too. */
const SLOTS_SHARE_MIN = 0.05;
/** Suspicions of one listener; the oldest is forgotten first. */
const SUSPICIONS_MAX = 1000;

/**
 * How many held and unused connections a finding tells, by its rule. A rule that is not here finds no hoard. Clients
 * that answer nothing are gone, and hoard nothing.
 */
const UNUSED: Partial<Readonly<Record<RuleName, (numbers: Finding["numbers"]) => number>>> = {
  overdue: ({ silent = 0, shut = 0 }) => silent + shut,
  "unproven-per-source": ({ overdue = 0 }) => overdue,
  "unproven-per-network": ({ overdue = 0 }) => overdue,
  "connections-per-source": ({ evicted = 0 }) => evicted,
  rise: ({ held = 0 }) => held,
  "over-share": ({ evicted = 0 }) => evicted,
  shed: ({ evicted = 0 }) => evicted,
  "crowd-out": ({ evicted = 0 }) => evicted,
};

interface Suspicion {
  readonly unused: number;
  /** How many sources it is about. */
  readonly sources: number;
  readonly text: string;
  readonly at: number;
}

export class Hoards {
  /** By listener and source; the latest last. */
  readonly #suspicions = new Map<string, Map<string, Suspicion>>();

  note({ rule, listener, source, text, numbers }: Finding, at: number): void {
    const unused = UNUSED[rule]?.(numbers) ?? 0;
    if (listener === null || unused === 0) return;
    const known = this.#suspicions.get(listener) ?? new Map<string, Suspicion>();
    this.#suspicions.set(listener, known);
    const key = source ?? "";
    known.delete(key);
    known.set(key, {
      unused,
      sources: numbers["sources"] ?? 1,
      text: source === null ? text : `${source}: ${text}`,
      at,
    });
    for (const oldest of known.keys()) {
      if (known.size <= SUSPICIONS_MAX) break;
      known.delete(oldest);
    }
  }

  /** The hoard at one listener; `slots` is null where nobody knows their number. */
  of(listener: string, slots: number | null, now: number): Hoard | null {
    const recent = [...(this.#suspicions.get(listener)?.values() ?? [])].filter(
      ({ at }) => now - at < LASTS_MS,
    );
    const latest = recent.at(-1);
    if (latest === undefined) return null;
    const total = recent.reduce((sum, { unused }) => sum + unused, 0);
    const largest = recent.reduce((most, { unused, sources }) => Math.max(most, unused / sources), 0);
    const cause = hoardCause({ largest, total });
    const matters = slots === null || total >= SLOTS_SHARE_MIN * slots;
    return cause !== null && matters ? { cause, text: latest.text } : null;
  }
}
