// unproven-per-network: a hoard spread over the addresses of one network, each below its own limit. A network with no merit
// and nobody exempt in it is banned as a whole; in a mixed one each source is judged alone, and honest neighbours stay.

import { formatNetwork, isIpv4, type Network, OVERDUE } from "../../model/index.ts";
import { ALL_BUT_LEAKED, type Round } from "../round.ts";
import { NETWORK_BITS, type SourceRow, sourceKey, widen } from "../view.ts";

export const PER_NETWORK = "unproven-per-network";

/** Fewer are no spread: the limit of a source answers them. */
const SOURCES_MIN = 3;
/** A source of a mixed network that has only one connection past its time may be slow, no more. */
const CAPPED_FROM = 2;

/** The sources of one listener that lie in one network. */
export interface NetworkRows {
  readonly network: Network;
  readonly listener: number;
  readonly sources: readonly SourceRow[];
}

export function limitUnprovenPerNetwork(round: Round): void {
  const suspects = [...round.view.withOverdue()].filter(
    (source) => !round.isSettled(source) && round.exemption(source).kind === "none",
  );
  for (const rows of groupByNetwork(suspects)) {
    const limit = round.view.listeners[rows.listener]!.policy.limits.unprovenPerNetwork;
    const left = rows.sources.filter((source) => !round.isSettled(source));
    const overdue = left.reduce((sum, source) => sum + source.overdue, 0);
    if (left.length < SOURCES_MIN || overdue <= limit) continue;
    judge(round, { ...rows, sources: left }, { overdue, limit });
  }
}

/** By network, the narrowest first, so that a /56 is judged before the /48 around it. */
export function groupByNetwork(sources: readonly SourceRow[]): NetworkRows[] {
  const groups = new Map<string, { network: Network; listener: number; sources: SourceRow[] }>();
  for (const source of sources) {
    for (const bits of isIpv4(source.network.address) ? NETWORK_BITS.ipv4 : NETWORK_BITS.ipv6) {
      if (bits >= source.network.bits) continue;
      const network = widen(source.network, bits);
      const key = sourceKey(String(source.listener), network);
      const group = groups.get(key) ?? { network, listener: source.listener, sources: [] };
      group.sources.push(source);
      groups.set(key, group);
    }
  }
  return [...groups.values()].sort((a, b) => b.network.bits - a.network.bits);
}

function judge(
  round: Round,
  rows: NetworkRows,
  { overdue, limit }: { readonly overdue: number; readonly limit: number },
): void {
  const text = `${rows.sources.length} sources of ${formatNetwork(rows.network)} have ${overdue} connections that have proved nothing in time; ${limit} may`;
  if (isWithoutMerit(round, rows)) banNetwork(round, rows, { rule: PER_NETWORK, reason: text });
  else for (const source of rows.sources) judgeOne(round, source, text);
  round.tell({
    rule: PER_NETWORK,
    severity: "warning",
    listener: round.view.listeners[rows.listener]!.name,
    source: formatNetwork(rows.network),
    text,
    numbers: { overdue, sources: rows.sources.length, limit },
  });
}

/** Whether no source of the network, suspect or not, has a connection with merit, and none is exempt. */
export function isWithoutMerit(round: Round, { network, listener }: NetworkRows): boolean {
  if (round.view.holdsExempt(network)) return false;
  return round.view.meritsIn(listener, network) === 0;
}

export function banNetwork(
  round: Round,
  { network, listener, sources }: NetworkRows,
  { rule, reason }: { readonly rule: string; readonly reason: string },
): void {
  for (const source of sources) round.evict(source, ALL_BUT_LEAKED, { rule });
  round.ban({ source: network, listener, kind: "ban", rule, reason });
}

function judgeOne(round: Round, source: SourceRow, reason: string): void {
  round.evict(source, OVERDUE, { rule: PER_NETWORK });
  if (source.merits > 0 || source.overdue < CAPPED_FROM) return;
  round.ban({ source: source.network, listener: source.listener, kind: "cap", rule: PER_NETWORK, reason });
}
