// unproven-per-network: a hoard is spread over the addresses of one network, each below its own limit. The network is
// banned as a whole if nobody in it has merit, is known or is exempt. In a mixed network each source is judged alone,
// and honest neighbours stay.

import { formatNetwork, OVERDUE, type RuleName } from "../../model/index.ts";
import { banNetwork, groupByNetwork, isWithoutMerit, type NetworkRows } from "../network-rows.ts";
import type { Round } from "../round.ts";
import type { SourceRow } from "../view.ts";

const RULE: RuleName = "unproven-per-network";
/** Fewer sources are no spread: the limit of a source is enough. */
const SOURCES_MIN = 3;
/** A source of a mixed network that has only one connection past its time is not capped: it may just be slow. */
const CAPPED_FROM = 2;

export function unprovenPerNetwork(round: Round): void {
  const suspects = [...round.view.withOverdue()].filter(
    (source) =>
      !round.isSettled(source) && round.exemption(source).kind === "none" && countedOf(round, source) > 0,
  );
  for (const rows of groupByNetwork(suspects)) {
    const limit = round.view.listeners[rows.listener]!.policy.limits.unprovenPerNetwork;
    const left = rows.sources.filter((source) => !round.isSettled(source));
    const overdue = left.reduce((sum, source) => sum + countedOf(round, source), 0);
    if (left.length < SOURCES_MIN || overdue <= limit) continue;
    judgeNetwork(round, { ...rows, sources: left }, { overdue, limit });
  }
}

/**
 * How many of a source's connections count against its network. While there is room, a single one that has spoken does
 * not count: a town's worth of quiet phones, one a household, is no hoard.
 */
function countedOf(round: Round, source: SourceRow): number {
  const counted = source.overdue - round.forgiven(source);
  const single = counted === 1 && round.view.count(source, "onceHeld") === 1;
  return single && round.groupOf(source).pressure === "calm" ? 0 : counted;
}

function judgeNetwork(
  round: Round,
  rows: NetworkRows,
  { overdue, limit }: { readonly overdue: number; readonly limit: number },
): void {
  const text = `${rows.sources.length} sources of ${formatNetwork(rows.network)} have ${overdue} connections that have proved nothing in time; the limit is ${limit}`;
  if (isWithoutMerit(round, rows)) banNetwork(round, rows, { rule: RULE, reason: text });
  else for (const source of rows.sources) judgeOne(round, source, text);
  round.tell({
    rule: RULE,
    severity: "warning",
    listener: round.view.listeners[rows.listener]!.name,
    source: formatNetwork(rows.network),
    text,
    numbers: { overdue, sources: rows.sources.length, limit },
  });
}

function judgeOne(round: Round, source: SourceRow, reason: string): void {
  const counted = countedOf(round, source);
  round.evict(source, OVERDUE, { rule: RULE, max: counted });
  if (source.merits > 0 || counted < CAPPED_FROM) return;
  round.ban({ source: source.network, listener: source.listener, kind: "cap", rule: RULE, reason });
}
