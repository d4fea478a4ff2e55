// overdue: evicts single connections past all patience, of any source: those that never sent a byte for silentFor, and
// those that take no data or answer nothing for stalledFor. The source is not blamed: such a connection may be a phone
// whose battery died.

import { DEAD, type Proof, type RuleName } from "../../model/index.ts";
import type { Round } from "../round.ts";

const RULE: RuleName = "overdue";
/** In calm this is housekeeping: the rest follows with the next scans. */
const PER_ROUND_MAX = 5000;

const PAST_PATIENCE: readonly Proof[] = [...DEAD, "silent"];

export function overdue(round: Round): void {
  let left = PER_ROUND_MAX;
  for (const source of round.view.withLate()) {
    if (left <= 0) return;
    if (round.isSettled(source) || round.exemption(source).kind !== "none") continue;
    const shut = round.view.count(source, "shut");
    const unanswered = round.view.count(source, "unanswered");
    const silent = round.view.count(source, "silent");
    if (shut + unanswered + silent === 0) continue;
    const evicted = round.evict(source, PAST_PATIENCE, { rule: RULE, max: left });
    left -= evicted;
    const { name } = round.view.listeners[source.listener]!;
    round.tell({
      rule: RULE,
      severity: "notice",
      listener: name,
      source: round.view.textOf(source),
      text: `${silent} connections never sent a byte, ${shut} take no data, ${unanswered} answer nothing`,
      numbers: { silent, shut, unanswered, held: source.held, evicted },
    });
  }
}
