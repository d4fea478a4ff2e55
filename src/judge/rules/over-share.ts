// over-share: slots are tight, and a source holds more than its fair share and more than it is known for. It is brought
// back to its share, its least proven connections first, and capped so that it does not come back at once. Proven
// connections stay.

import type { Proof, RuleName } from "../../model/index.ts";
import { BELOW, type OwnerGroup } from "../pressure.ts";
import { ALL_BUT_LEAKED, PRESSED_CAP_MS, type Round } from "../round.ts";
import { shareAt } from "../share.ts";
import type { SourceRow } from "../view.ts";

const RULE: RuleName = "over-share";
const UNPROVEN: readonly Proof[] = ALL_BUT_LEAKED.filter((proof) => proof !== "proven");
/** A source that holds fewer is never over its share. */
const HELD_MIN = 3;

export function overShare(round: Round, group: OwnerGroup): void {
  const share = shareAt(round, group, group.levels.tight - BELOW);
  if (!Number.isFinite(share)) return;
  for (const source of round.view.holding(group.listeners, Math.max(HELD_MIN, share + 1))) {
    if (round.isSettled(source) || round.exemption(source).kind !== "none") continue;
    const may = Math.max(share, round.expected(source));
    if (round.remaining(source) > may) bringBack(round, source, { may, share });
  }
}

function bringBack(
  round: Round,
  source: SourceRow,
  { may, share }: { readonly may: number; readonly share: number },
): void {
  const { name } = round.view.listeners[source.listener]!;
  const unproven = source.held - round.view.count(source, "proven");
  const evicted = round.evict(source, UNPROVEN, { rule: RULE, max: round.remaining(source) - may });
  if (evicted === 0) return;
  const text = `holds ${source.held} of scarce slots, ${unproven} without proof; its share is ${share}`;
  if (!round.isProxy(source)) {
    round.ban({
      source: source.network,
      listener: source.listener,
      kind: "cap",
      rule: RULE,
      reason: text,
      ...(source.merits > 0 ? { termMs: PRESSED_CAP_MS } : {}),
    });
  }
  const numbers = { held: source.held, unproven, share, may, evicted };
  round.tell({
    rule: RULE,
    severity: "warning",
    listener: name,
    source: round.view.textOf(source),
    text,
    numbers,
  });
}
