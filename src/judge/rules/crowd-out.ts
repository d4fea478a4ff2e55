// crowd-out: slots are critical, and the connections that fill them look proven: two requests are soon said. A source
// is cut to its share and capped if it holds far more than its share and is not known for that many. Somebody is
// refused in any case; it is fairer that it be the one who has most. If there is no such source, proven connections are
// left alone: that is honest growth, and limit-too-low tells the operator.

import type { Proof, RuleName } from "../../model/index.ts";
import { BELOW, type OwnerGroup } from "../pressure.ts";
import { ALL_BUT_LEAKED, PRESSED_CAP_MS, type Round } from "../round.ts";
import { shareAt } from "../share.ts";
import type { SourceRow } from "../view.ts";
import { limitTooLow } from "./limit-too-low.ts";

const RULE: RuleName = "crowd-out";
/** A source that holds no more than this many times unprovenPerSource is too small to crowd anybody out. */
const HELD_FACTOR = 10;
/** On a small server, however, nobody may have more than this part (half) of the slots. */
const SLOTS_PART = 2;
const LEAST_PROVEN_FIRST: readonly Proof[] = ALL_BUT_LEAKED;

/** `need` is how many connections are too many once all unproven ones that may go have gone. */
export function crowdOut(round: Round, group: OwnerGroup, need: number): void {
  if (need <= 0) return;
  const share = shareAt(round, group, group.levels.critical - BELOW);
  let cut = 0;
  for (const source of round.view.holding(group.listeners, 1)) {
    if (isCrowding(round, source, { share, slots: group.slots })) cut += cutToShare(round, source, share);
  }
  if (cut === 0) limitTooLow(round, group);
}

function isCrowding(
  round: Round,
  source: SourceRow,
  { share, slots }: { readonly share: number; readonly slots: number | null },
): boolean {
  if (round.isSettled(source) || round.exemption(source).kind !== "none" || round.isProxy(source))
    return false;
  const { limits } = round.view.listeners[source.listener]!.policy;
  const large = Math.min(HELD_FACTOR * limits.unprovenPerSource, (slots ?? Infinity) / SLOTS_PART);
  const most = Math.max(share, round.expected(source), large);
  return round.remaining(source) > most;
}

function cutToShare(round: Round, source: SourceRow, share: number): number {
  const { name } = round.view.listeners[source.listener]!;
  const max = round.remaining(source) - Math.max(share, round.expected(source));
  const evicted = round.evict(source, LEAST_PROVEN_FIRST, { rule: RULE, max });
  const text = `holds ${source.held} of the last slots; its share is ${share}, and it is not known for more`;
  round.ban({
    source: source.network,
    listener: source.listener,
    kind: "cap",
    rule: RULE,
    reason: text,
    termMs: PRESSED_CAP_MS,
  });
  const numbers = { held: source.held, share, evicted };
  round.tell({
    rule: RULE,
    severity: "critical",
    listener: name,
    source: round.view.textOf(source),
    text,
    numbers,
  });
  return evicted;
}
