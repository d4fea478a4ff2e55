// rise: slots are tight, and a source or a network without any merit holds many connections that prove nothing,
// whatever their age, and more than it is known for. It is banned and loses them all: it is the cause of the pressure,
// not a victim.

import { type Finding, formatNetwork, type RuleName } from "../../model/index.ts";
import { banNetwork, groupByNetwork, isWithoutMerit } from "../network-rows.ts";
import type { OwnerGroup } from "../pressure.ts";
import { ALL_BUT_LEAKED, type Round } from "../round.ts";
import type { SourceRow } from "../view.ts";

const RULE: RuleName = "rise";
/**
 * Young connections say little: an office that comes back after a restart has many for a moment. Ten times the limit of
 * overdue ones is beyond any office. Below that, the share decides.
 */
const YOUNG_FACTOR = 10;
/** Sources that hold fewer are passed over. */
const HELD_MIN = 2;
const SOURCES_MIN = 3;

export function rise(round: Round, group: OwnerGroup): void {
  const rising = [...round.view.holding(group.listeners, HELD_MIN)].filter(
    (source) => !round.isSettled(source) && round.exemption(source).kind === "none",
  );
  for (const source of rising) if (isRising(round, source)) banSource(round, source);
  const left = rising.filter((source) => isUnknown(round, source) && !round.isSettled(source));
  for (const rows of groupByNetwork(left)) {
    const unsettled = rows.sources.filter((source) => !round.isSettled(source));
    const limit = YOUNG_FACTOR * round.view.listeners[rows.listener]!.policy.limits.unprovenPerNetwork;
    const held = unsettled.reduce((sum, source) => sum + source.held, 0);
    if (unsettled.length < SOURCES_MIN || held < limit || !isWithoutMerit(round, rows)) continue;
    const reason = `${unsettled.length} sources of ${formatNetwork(rows.network)} hold ${held} connections without proof while slots are scarce`;
    banNetwork(round, { ...rows, sources: unsettled }, { rule: RULE, reason });
    const numbers = { held, limit, sources: unsettled.length };
    tellRisen(round, { source: formatNetwork(rows.network), listener: rows.listener, text: reason, numbers });
  }
}

function isRising(round: Round, source: SourceRow): boolean {
  return isUnknown(round, source) && source.held - source.dead >= youngLimit(round, source);
}

/**
 * Whether the source has no merit, and more connections than it is known for. Up to that number it may be an office
 * that comes back.
 */
function isUnknown(round: Round, source: SourceRow): boolean {
  return source.merits === 0 && !(round.isKnown(source) && source.held <= round.expected(source));
}

function youngLimit(round: Round, source: SourceRow): number {
  return YOUNG_FACTOR * round.view.listeners[source.listener]!.policy.limits.unprovenPerSource;
}

function banSource(round: Round, source: SourceRow): void {
  const limit = youngLimit(round, source);
  const reason = `holds ${source.held} connections without proof while slots are scarce`;
  round.evict(source, ALL_BUT_LEAKED, { rule: RULE });
  round.ban({ source: source.network, listener: source.listener, kind: "ban", rule: RULE, reason });
  const text = round.view.textOf(source);
  const numbers = { held: source.held, limit };
  tellRisen(round, { source: text, listener: source.listener, text: reason, numbers });
}

interface RisenSource {
  readonly source: string;
  readonly listener: number;
  readonly text: string;
  readonly numbers: Finding["numbers"];
}

function tellRisen(round: Round, { source, listener, text, numbers }: RisenSource): void {
  const { name } = round.view.listeners[listener]!;
  round.tell({ rule: RULE, severity: "critical", listener: name, source, text, numbers });
}
