// The contract's documents, made of the daemon's own values.

import type { AllowDocument, BanDocument, Caller, CensusDocument } from "../api/index.ts";
import { type Exemptions, exemptionOf } from "../judge/index.ts";
import { type AllowEntry, type Ban, formatNetwork, ipv4Bits, isIpv4, type Network } from "../model/index.ts";
import type { ListenerSources } from "../track/index.ts";

/** A ban as the API shows it. */
export function banDocument(
  ban: Ban,
  { evicted, packets }: { readonly evicted: number; readonly packets: number | null },
): BanDocument {
  const { source, listener, kind, since, until, reason, rule } = ban;
  return {
    source: formatNetwork(source),
    listener,
    kind,
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    reason,
    rule,
    evicted,
    packets,
  };
}

export function allowDocument(
  { network, reason, connectionsPerSource }: AllowEntry,
  from: AllowDocument["from"],
  since: string | null,
): AllowDocument {
  return { source: formatNetwork(network), reason, connectionsPerSource, from, since };
}

/** Whether a network is all of IPv4, or all there is. */
export function isEverybody({ address, bits }: Network): boolean {
  return bits === (isIpv4(address) ? ipv4Bits(0) : 0);
}

/** One listener's part of a scan, as the API shows it. */
export function listenerSourcesDocument({ sources, ...listener }: ListenerSources): ListenerSourcesDocument {
  return {
    ...listener,
    sources: sources.map(({ source, ...counts }) => ({ source: formatNetwork(source), ...counts })),
  };
}

type ListenerSourcesDocument = CensusDocument["listeners"][number];

/** Why a network may not be banned; null where it may. */
export function banRefusal(exemptions: Exemptions, network: Network): string | null {
  const exemption = exemptionOf(exemptions, network);
  if (exemption.kind === "exempt") return `not banned: ${exemption.reason}`;
  if (exemption.kind === "limited")
    return "not banned: it is on the allowlist; `sockwarden disallow` takes it off";
  return null;
}

/** The caller's name for the record. */
export function callerName({ uid }: Caller): string {
  return uid === null ? "a token's holder" : `uid ${uid}`;
}
