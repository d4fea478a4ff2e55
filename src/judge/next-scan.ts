// Tells when the next scan is due, so that no limit is passed unseen. Connections count against a limit only when they
// are past their time. So in calm only time can bring a source over its own limit. Connections that open can pass only
// a level of pressure, or a strict limit without a fence. docs/decisions/0012-when-to-look.md has the whole argument.

import type { NextScan } from "../track/index.ts";
import { BELOW, type OwnerGroup } from "./pressure.ts";
import type { Round } from "./round.ts";

/** Connections that come of age one after another are judged together. */
const TOGETHER_MS = 100;
/** The shortest wait when only single connections are due. */
const HOUSEKEEPING_MS = 1000;
/** Under pressure ages and shares move with every connection. */
const TIGHT_MS = 250;
/** Under pressure the next scan is due when this part (one eighth) of the free slots is taken, at the latest. */
const FREE_PART = 8;

export function planNextScan(round: Round, groups: readonly OwnerGroup[]): NextScan {
  const opens = groups.map((group) => headroom(round, group));
  const { now } = round;
  const pressed = groups.some(({ pressure }) => pressure !== "calm");
  const due = earliestDue(round);
  return {
    opens: Math.max(1, Math.min(strictHeadroom(round), ...opens)),
    at: Math.min(due, pressed ? now + TIGHT_MS : Number.POSITIVE_INFINITY),
    aging: { opens: agingHeadroom(round), afterMs: leastAge(round) },
  };
}

/** The least number of new connections that could bring a source or a network over its limit, if one of them opened all. */
function agingHeadroom(round: Round): number {
  const { view } = round;
  let least = Number.POSITIVE_INFINITY;
  for (const { policy } of view.listeners) {
    least = Math.min(least, policy.limits.unprovenPerSource + 1, policy.limits.unprovenPerNetwork + 1);
  }
  for (let row = 0; row < view.length; row++) {
    const unproven = view.overdueOf(row) + view.youngOf(row);
    if (unproven === 0) continue;
    const { unprovenPerSource } = view.listeners[view.listenerOf(row)]!.policy.limits;
    least = Math.min(least, unprovenPerSource + 1 - unproven);
  }
  let most = 0;
  for (const unproven of view.unprovenByNetwork().values()) most = Math.max(most, unproven);
  for (const { policy } of view.listeners) {
    least = Math.min(least, policy.limits.unprovenPerNetwork + 1 - most);
  }
  return Math.max(1, least);
}

/** The least age at which a connection can be past its time. */
function leastAge({ view }: Round): number {
  const ages = view.listeners.map(({ policy: { profile } }) => profile.speakWithinMs ?? profile.silentForMs);
  return Math.min(Number.POSITIVE_INFINITY, ...ages);
}

/** How many connections may open before the next level of pressure is reached, or a part of what is free is taken. */
function headroom(round: Round, group: OwnerGroup): number {
  const { slots, levels, pressure } = group;
  if (slots === null) return Number.POSITIVE_INFINITY;
  const used = group.used - round.evictedIn(group);
  const toTight = Math.ceil((levels.tight - (pressure === "calm" ? 0 : BELOW)) * slots) - used;
  if (toTight > 0) return toTight;
  return Math.max(1, Math.floor((slots - used) / FREE_PART));
}

/** How many connections may open before a source passes a strict limit. Without a fence, opening alone does that. */
function strictHeadroom(round: Round): number {
  let least = Number.POSITIVE_INFINITY;
  for (const [i, { policy }] of round.view.listeners.entries()) {
    const limit = policy.limits.connectionsPerSource;
    if (limit !== null) least = Math.min(least, limit - mostHeld(round, i, limit));
  }
  return Math.max(1, least);
}

/**
 * The most connections of any source within the limit. Exempt sources, and those with a limit of their own, are nothing
 * to wait for.
 */
function mostHeld(round: Round, listener: number, limit: number): number {
  let most = 0;
  const { view } = round;
  for (let row = 0; row < view.length; row++) {
    if (view.listenerOf(row) !== listener || view.heldBy(row) <= most) continue;
    const held = round.remaining(view.at(row));
    if (held > most && held <= limit && round.exemption(view.at(row)).kind === "none") most = held;
  }
  return most;
}

/** The earliest moment at which a source can pass a limit by time alone, or at which a single connection is due. */
function earliestDue(round: Round): number {
  const { view, now } = round;
  let limits = Number.POSITIVE_INFINITY;
  let singles = Number.POSITIVE_INFINITY;
  for (let row = 0; row < view.length; row++) {
    const due = view.dueAt(row);
    if (due === Number.POSITIVE_INFINITY) continue;
    singles = Math.min(singles, due);
    const { unprovenPerSource } = view.listeners[view.listenerOf(row)]!.policy.limits;
    if (view.overdueOf(row) + view.youngOf(row) > unprovenPerSource) limits = Math.min(limits, due);
  }
  return Math.min(Math.max(limits, now + TOGETHER_MS), Math.max(singles, now + HOUSEKEEPING_MS));
}
