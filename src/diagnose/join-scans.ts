// Two scans joined into what diagnose judges: of each listener and source what it holds now, what it held before, and what
// its connections have shown. Pure.

import { conductCounts, sourceText } from "../census/index.ts";
import { holdingCount, PROOFS, Proof, type ProofCounts } from "../model/index.ts";
import { type ProvenCensus, proofCounts } from "../track/index.ts";
import type { SourceObservation, UnmeasuredListener } from "./observation.ts";

/** The listeners of the second scan, in its order, without their owners. */
export function joinScans(before: ProvenCensus, after: ProvenCensus): UnmeasuredListener[] {
  const earlier = new Map(before.census.listeners.map((listener) => [listener.name, listener]));
  const sources = sourcesByListener(before, after);
  return after.census.listeners.map((listener, i): UnmeasuredListener => {
    const then = earlier.get(listener.name);
    const endpoint = listener.endpoints.reduce((most, next) =>
      next.backlog.used > most.backlog.used ? next : most,
    );
    const earlierEndpoint = then?.endpoints.find(
      ({ address, port }) => address === endpoint.address && port === endpoint.port,
    );
    return {
      name: listener.name,
      port: endpoint.port,
      owner: null,
      connections: holdingCount(listener.conduct),
      connectionsBefore: then === undefined ? 0 : holdingCount(then.conduct),
      conduct: listener.conduct,
      conductBefore: then?.conduct ?? listener.conduct,
      accepted: sumOfProofs(sources[i]!.map(({ accepted }) => accepted)),
      waiting: sumOfProofs(sources[i]!.map(({ waiting }) => waiting)),
      sources: sources[i]!,
      backlog: { ...endpoint.backlog, usedBefore: earlierEndpoint?.backlog.used ?? 0 },
      normalSilenceMs: after.policies[i]!.profile.normalSilenceMs,
    };
  });
}

/** What a source had at the first scan. */
interface EarlierSource {
  readonly connections: number;
  readonly pings: number;
}

/** By the listener's number, the largest source first. */
function sourcesByListener(before: ProvenCensus, after: ProvenCensus): SourceObservation[][] {
  const earlier = earlierSources(before);
  const { census, proofs } = after;
  const sources: SourceObservation[][] = census.listeners.map(() => []);
  for (let row = 0; row < census.rows.length; row++) {
    const conduct = conductCounts(census.rows.counts, row);
    const then = earlier.get(keyOf(after, row));
    sources[census.rows.listener[row]!]!.push({
      source: sourceText(census, census.rows, row),
      connections: holdingCount(conduct),
      connectionsBefore: then?.connections ?? 0,
      halfOpen: conduct.halfOpen,
      closing: conduct.closing,
      accepted: proofCounts(proofs.accepted, row),
      waiting: proofCounts(proofs.waiting, row),
      pingsBefore: then?.pings ?? 0,
    });
  }
  for (const list of sources) list.sort((a, b) => b.connections - a.connections);
  return sources;
}

function earlierSources(before: ProvenCensus): ReadonlyMap<string, EarlierSource> {
  const { census, proofs } = before;
  const earlier = new Map<string, EarlierSource>();
  for (let row = 0; row < census.rows.length; row++) {
    earlier.set(keyOf(before, row), {
      connections: holdingCount(conductCounts(census.rows.counts, row)),
      pings: proofs.accepted[PROOFS.length * row + Proof.pings]!,
    });
  }
  return earlier;
}

/** Numbers of listeners change from scan to scan, names do not. */
function keyOf({ census }: ProvenCensus, row: number): string {
  return `${census.listeners[census.rows.listener[row]!]!.name} ${sourceText(census, census.rows, row)}`;
}

function sumOfProofs(all: readonly ProofCounts[]): ProofCounts {
  const sum = Object.fromEntries(PROOFS.map((proof) => [proof, 0])) as Record<Proof, number>;
  for (const counts of all) for (const proof of PROOFS) sum[proof] += counts[proof];
  return sum;
}
