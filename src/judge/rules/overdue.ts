// overdue: evicts single connections past all patience, of any source: those that never sent a byte for silentFor, and
// those that are stuck for stalledFor. The source is not blamed: such a connection may be a phone whose battery died.

import type { Proof, RuleName } from "../../model/index.ts";
import type { Round } from "../round.ts";

const RULE: RuleName = "overdue";
/** In calm this is housekeeping: the rest follows with the next scans. */
const PER_ROUND_MAX = 5000;

const LATE: readonly Proof[] = ["stalled", "silent"];

export function overdue(round: Round): void {
  let left = PER_ROUND_MAX;
  for (const source of round.view.withLate()) {
    if (left <= 0) return;
    if (round.isSettled(source) || round.exemption(source).kind !== "none") continue;
    const stalled = round.view.count(source, "stalled");
    const silent = round.view.count(source, "silent");
    if (stalled + silent === 0) continue;
    const evicted = round.evict(source, LATE, { rule: RULE, max: left });
    left -= evicted;
    const { name } = round.view.listeners[source.listener]!;
    round.tell({
      rule: RULE,
      severity: "notice",
      listener: name,
      source: round.view.textOf(source),
      text: `${silent} connections never sent a byte, ${stalled} are stuck`,
      numbers: { silent, stalled, held: source.held, evicted },
    });
  }
}
