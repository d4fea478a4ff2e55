// unproven-per-source: a source has more connections past their time than its listener allows. A source with no merit
// at all is banned and loses everything. A mixed one, an office with a hoarder in it, loses what is past its time. If
// that comes back, the source is capped as well, because eviction alone is refilled at once. A known source is forgiven
// quiet connections that spoke once, as many as it is known for.

import { OVERDUE, type RuleName } from "../../model/index.ts";
import { ALL_BUT_LEAKED, type Round } from "../round.ts";
import type { SourceRow } from "../view.ts";

const RULE: RuleName = "unproven-per-source";
/** An excess that comes back within this time is no accident. */
const AGAIN_WITHIN_MS = 10 * 60 * 1000;
/** An excess is not back before this time: evictions are paced, so the old one may still be going. */
const AGAIN_AFTER_MS = 1000;

export function unprovenPerSource(round: Round): void {
  for (const source of round.view.withOverdue()) {
    const { limits } = round.view.listeners[source.listener]!.policy;
    if (source.overdue <= limits.unprovenPerSource || round.isSettled(source)) continue;
    if (round.exemption(source).kind !== "none") continue;
    const counted = source.overdue - round.forgiven(source);
    if (counted > limits.unprovenPerSource)
      judgeSource(round, source, { counted, limit: limits.unprovenPerSource });
  }
}

function judgeSource(
  round: Round,
  source: SourceRow,
  { counted, limit }: { readonly counted: number; readonly limit: number },
): void {
  const proxy = round.isProxy(source);
  const pure = source.merits === 0 && counted === source.overdue && !proxy;
  const evicted = pure
    ? round.evict(source, ALL_BUT_LEAKED, { rule: RULE })
    : round.evict(source, OVERDUE, { rule: RULE, max: counted });
  const text = `${source.overdue} of its ${source.held} connections have proved nothing in time; the limit is ${limit}`;
  const banned = pure
    ? order(round, source, { kind: "ban", reason: text })
    : !proxy && cameBack(round, source) && order(round, source, { kind: "cap", reason: text });
  const { name } = round.view.listeners[source.listener]!;
  const numbers = { overdue: source.overdue, held: source.held, merits: source.merits, limit, evicted };
  const finding = { rule: RULE, listener: name, source: round.view.textOf(source), text, numbers };
  if (banned) round.findings.push({ ...finding, severity: "warning" });
  else round.tell({ ...finding, severity: "warning" });
}

function order(
  round: Round,
  source: SourceRow,
  { kind, reason }: { readonly kind: "ban" | "cap"; readonly reason: string },
): boolean {
  return round.ban({ source: source.network, listener: source.listener, kind, rule: RULE, reason });
}

/** Remembers the excess, and tells whether there was one a while ago. */
function cameBack(round: Round, source: SourceRow): boolean {
  const key = round.view.keyOf(source);
  const before = round.state.excesses.get(key);
  const sinceMs = round.now - (before ?? Number.NEGATIVE_INFINITY);
  // An excess that lasts counts from its beginning.
  if (sinceMs < 0 || sinceMs >= AGAIN_AFTER_MS) round.excesses.set(key, round.now);
  return sinceMs >= AGAIN_AFTER_MS && sinceMs <= AGAIN_WITHIN_MS;
}
