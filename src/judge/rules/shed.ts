// shed: slots are critical. Unproven connections go, the worst kind first, spread by share within one kind, until the
// pressure is below critical. A source keeps a single connection that may still prove itself, and as many as it is
// known for, unless nothing else is left to take.

import { DEAD, MERITS, OVERDUE, type Proof, type RuleName, YOUNG } from "../../model/index.ts";
import { groupByNetwork, isWithoutMerit } from "../network-rows.ts";
import { BELOW, excessOver, type OwnerGroup } from "../pressure.ts";
import { PRESSED_CAP_MS, type Round } from "../round.ts";
import { type Shareholder, takeFairly } from "../share.ts";
import type { SourceRow } from "../view.ts";

const RULE: RuleName = "shed";
/** A source without merit that loses this many is capped, so that it does not come back at once. */
const CAPPED_FROM = 3;

/** A network whose sources are this many times its unprovenPerNetwork is no crowd of strangers. */
const SPREAD_FACTOR = 10;

/** Proofs in the order in which they go. Connections past their time have no floor. */
const LATE: readonly Proof[] = [...DEAD, ...OVERDUE];
const EARLY: readonly Proof[] = [...YOUNG, ...MERITS.filter((proof) => proof !== "proven")];

/** Sheds, and returns how many connections are still too many. */
export function shed(round: Round, group: OwnerGroup): number {
  const level = group.levels.critical - BELOW;
  let need = excessOver(group, level) - round.evictedIn(group);
  if (need <= 0) return need;
  const shedding = new Shedding(round, group);
  for (const proof of LATE) need = shedding.take(proof, need, () => 0);
  for (const proof of EARLY)
    need = shedding.take(proof, need, (source) => Math.max(1, round.expected(source)));
  for (const proof of EARLY) need = shedding.take(proof, need, () => 1);
  if (need > 0) need = shedSpread(round, shedding, need);
  shedding.carryOut();
  return need;
}

/**
 * The last resort: takes from hoards with one connection on each of many addresses. Only the owner of a network has
 * thousands of those in it. Among as many honest clients some would have proved themselves by then.
 */
function shedSpread(round: Round, shedding: Shedding, need: number): number {
  const spread = new Set<SourceRow>();
  for (const rows of groupByNetwork(shedding.sources.filter((source) => source.merits === 0))) {
    const { limits } = round.view.listeners[rows.listener]!.policy;
    if (rows.sources.length < SPREAD_FACTOR * limits.unprovenPerNetwork) continue;
    if (isWithoutMerit(round, rows)) for (const source of rows.sources) spread.add(source);
  }
  let left = need;
  if (spread.size === 0) return left;
  for (const proof of EARLY) left = shedding.take(proof, left, (source) => (spread.has(source) ? 0 : 1));
  return left;
}

class Shedding {
  readonly #round: Round;
  readonly sources: readonly SourceRow[];
  /** How many of each proof were taken, by source. */
  readonly #taken: Map<Proof, number>[];

  constructor(round: Round, group: OwnerGroup) {
    this.#round = round;
    this.sources = [...round.view.holding(group.listeners, 1)].filter(
      (source) => !round.isSettled(source) && round.exemption(source).kind === "none",
    );
    this.#taken = this.sources.map(() => new Map());
  }

  /** Takes as many connections of one proof as are needed and the floors allow. Returns how many are still needed. */
  take(proof: Proof, need: number, floor: (source: SourceRow) => number): number {
    if (need <= 0) return need;
    const givers: number[] = [];
    const holdings: Shareholder[] = [];
    for (const [i, source] of this.sources.entries()) {
      if (this.#round.view.count(source, proof) === 0) continue;
      const before = this.#taken[i]!;
      const held = this.#round.remaining(source) - total(before);
      const present = this.#round.present(source, proof) - (before.get(proof) ?? 0);
      const available = Math.min(present, held - floor(source));
      if (available <= 0) continue;
      givers.push(i);
      holdings.push({ held, available });
    }
    let left = need;
    for (const [n, count] of takeFairly(holdings, need).entries()) {
      const taken = this.#taken[givers[n]!]!;
      if (count > 0) taken.set(proof, (taken.get(proof) ?? 0) + count);
      left -= count;
    }
    return left;
  }

  carryOut(): void {
    for (const [i, taken] of this.#taken.entries()) if (taken.size > 0) this.#evict(this.sources[i]!, taken);
  }

  #evict(source: SourceRow, taken: ReadonlyMap<Proof, number>): void {
    const round = this.#round;
    let evicted = 0;
    for (const [proof, max] of taken) evicted += round.evict(source, [proof], { rule: RULE, max });
    const text = `lost ${evicted} of ${source.held} connections to make room`;
    if (source.merits === 0 && evicted >= CAPPED_FROM && !round.isProxy(source)) {
      const order = { source: source.network, listener: source.listener, rule: RULE, reason: text };
      round.ban({ ...order, kind: "cap", termMs: PRESSED_CAP_MS });
    }
    const { name } = round.view.listeners[source.listener]!;
    const numbers = { held: source.held, evicted, merits: source.merits };
    round.tell({
      rule: RULE,
      severity: "warning",
      listener: name,
      source: round.view.textOf(source),
      text,
      numbers,
    });
  }
}

function total(taken: ReadonlyMap<Proof, number>): number {
  let sum = 0;
  for (const count of taken.values()) sum += count;
  return sum;
}
