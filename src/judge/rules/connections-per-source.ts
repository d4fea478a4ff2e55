// connections-per-source: the strict limit of people who know their clients, and the limits of allowlist entries. The
// fence refuses at the SYN whatever would pass a limit. This rule judges the rest: connections that are older than the
// fence, or that have no fence. It counts established sockets alone, since a refused SYN may be forged.

import type { Proof, RuleName } from "../../model/index.ts";
import { ALL_BUT_LEAKED, type Round } from "../round.ts";
import type { SourceRow } from "../view.ts";

const RULE: RuleName = "connections-per-source";
/**
 * The fence keeps a source at its limit. So a source hoards if this part of the limit is past its time and it has no
 * merit.
 */
const BAN_FROM = 0.9;

/** All proofs but `proven`, and but the program's own leaks. */
const UNPROVEN: readonly Proof[] = ALL_BUT_LEAKED.filter((proof) => proof !== "proven");

export function connectionsPerSource(round: Round): void {
  const { view } = round;
  const listeners = view.listeners.map((_, i) => i);
  const strict = new Set(listeners.filter((i) => leastLimit(round, i) !== null));
  if (strict.size === 0) return;
  const least = Math.min(...[...strict].map((i) => leastLimit(round, i)!));
  for (const source of view.holding(strict, Math.ceil(BAN_FROM * least))) {
    const limit = limitOf(round, source);
    if (limit !== null && !round.isSettled(source)) judgeSource(round, source, limit);
  }
}

/** The lowest limit that any source of the listener has; null for none. */
function leastLimit(round: Round, listener: number): number | null {
  const own = round.view.listeners[listener]!.policy.limits.connectionsPerSource;
  const allowed = round.view.allowedLimits();
  const all = own === null ? allowed : [own, ...allowed];
  return all.length === 0 ? null : Math.min(...all);
}

function limitOf(round: Round, source: SourceRow): number | null {
  const exemption = round.exemption(source);
  if (exemption.kind === "exempt") return null;
  if (exemption.kind === "limited") return exemption.connectionsPerSource;
  return round.view.listeners[source.listener]!.policy.limits.connectionsPerSource;
}

function judgeSource(round: Round, source: SourceRow, limit: number): void {
  const unproven = source.overdue + source.young;
  // Within the limit only connections past their time count: an office that comes back all at once has nothing but
  // young ones for a moment.
  const hoards = source.held > limit || source.overdue >= BAN_FROM * limit;
  const pure = source.merits === 0 && hoards && !isAllowed(round, source);
  if (!pure && source.held <= limit) return;
  const text = `holds ${source.held} connections, ${unproven} of them without proof; the limit is ${limit}`;
  const evicted = pure
    ? round.evict(source, ALL_BUT_LEAKED, { rule: RULE })
    : round.evict(source, UNPROVEN, { rule: RULE, max: source.held - limit });
  if (pure || !round.isProxy(source)) {
    const kind = pure ? "ban" : "cap";
    round.ban({ source: source.network, listener: source.listener, kind, rule: RULE, reason: text });
  }
  round.tell({
    rule: RULE,
    severity: "warning",
    listener: round.view.listeners[source.listener]!.name,
    source: round.view.textOf(source),
    text,
    numbers: { held: source.held, unproven, limit, evicted },
  });
}

/** Whether an allowlist entry limits the source. It is then cut to that limit, never banned. */
function isAllowed(round: Round, source: SourceRow): boolean {
  return round.exemption(source).kind === "limited";
}
