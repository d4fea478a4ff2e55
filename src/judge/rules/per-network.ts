// unproven-per-network: a hoard spread over the addresses of one network, each below its own limit. A network with no merit,
// nobody known and nobody exempt in it is banned as a whole; in a mixed one each source is judged alone, and honest
// neighbours stay.

import { formatNetwork, isIpv4, type Network, OVERDUE } from "../../model/index.ts";
import { NETWORK_BITS, networkKey, wordsOf } from "../keys.ts";
import { ALL_BUT_LEAKED, type Round } from "../round.ts";
import { type SourceRow, widen } from "../view.ts";

export const PER_NETWORK = "unproven-per-network";

/** Fewer are no spread: the limit of a source answers them. */
const SOURCES_MIN = 3;
/** Fewer are banned one by one: a few rented addresses must not take their whole neighbourhood with them. */
const WHOLE_FROM = 8;
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
    (source) =>
      !round.isSettled(source) && round.exemption(source).kind === "none" && countedOf(round, source) > 0,
  );
  for (const rows of groupByNetwork(suspects)) {
    const limit = round.view.listeners[rows.listener]!.policy.limits.unprovenPerNetwork;
    const left = rows.sources.filter((source) => !round.isSettled(source));
    const overdue = left.reduce((sum, source) => sum + countedOf(round, source), 0);
    if (left.length < SOURCES_MIN || overdue <= limit) continue;
    judge(round, { ...rows, sources: left }, { overdue, limit });
  }
}

/**
 * How many of a source's connections count against its network. While there is room a single one that has spoken does not: a
 * town's worth of quiet phones, one a household, is no hoard.
 */
function countedOf(round: Round, source: SourceRow): number {
  const counted = source.overdue - round.forgiven(source);
  const single = counted === 1 && round.view.count(source, "onceHeld") === 1;
  return single && round.groupOf(source).pressure === "calm" ? 0 : counted;
}

/** By network, the narrowest first, so that a /56 is judged before the /48 around it. */
export function groupByNetwork(sources: readonly SourceRow[]): NetworkRows[] {
  const groups = new Map<string | number, { network: Network; listener: number; sources: SourceRow[] }>();
  for (const source of sources) {
    const { listener, network } = source;
    const words = wordsOf(network.address);
    for (const bits of isIpv4(network.address) ? NETWORK_BITS.ipv4 : NETWORK_BITS.ipv6) {
      if (bits >= network.bits) continue;
      const key = networkKey(listener, words, 0, bits);
      const group = groups.get(key);
      if (group !== undefined) group.sources.push(source);
      else groups.set(key, { network: widen(network, bits), listener, sources: [source] });
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

/**
 * Whether no source of the network, suspect or not, has a connection with merit or is known for some, and none is exempt: who
 * has switched the lights off for the night would be shut out by its neighbours' doing.
 */
export function isWithoutMerit(round: Round, { network, listener }: NetworkRows): boolean {
  if (round.view.holdsExempt(network) || round.view.meritsIn(listener, network) > 0) return false;
  return !round.isKnownNetwork(listener, network);
}

/** Of a network without merit: as a whole where it is spread widely, else those that are there. */
export function banNetwork(
  round: Round,
  { network, listener, sources }: NetworkRows,
  { rule, reason }: { readonly rule: string; readonly reason: string },
): void {
  for (const source of sources) round.evict(source, ALL_BUT_LEAKED, { rule });
  const banned = sources.length < WHOLE_FROM ? sources.map((source) => source.network) : [network];
  for (const source of banned) round.ban({ source, listener, kind: "ban", rule, reason });
}

function judgeOne(round: Round, source: SourceRow, reason: string): void {
  const counted = countedOf(round, source);
  round.evict(source, OVERDUE, { rule: PER_NETWORK, max: counted });
  if (source.merits > 0 || counted < CAPPED_FROM) return;
  round.ban({ source: source.network, listener: source.listener, kind: "cap", rule: PER_NETWORK, reason });
}
