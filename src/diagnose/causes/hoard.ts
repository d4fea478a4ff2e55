// single-source-hoard and distributed-hoard: connections that are held and not used, by one source or by many. Which of
// the two it is depends on who holds most of them; what it costs an honest client is the same.

import { type HoardCause, hoardCause, percent } from "../../model/index.ts";
import { type Claim, clamp, confidenceOf } from "../finding.ts";
import type { SourceObservation } from "../observation.ts";
import { type Scene, shareOf } from "../scene.ts";
import { inHonestUse } from "../shown.ts";
import { certaintyOf, KINDS, type SuspectKind, type Suspects } from "../suspects.ts";
import { countText, listText, numberText, rateText } from "../words.ts";
import { type CommonNetwork, commonNetwork } from "./common-network.ts";
import { distributedAdvice, singleSourceAdvice } from "./hoard-advice.ts";

/** Far from exhaustion a hoard is a fact, but no reason yet why descriptors run out. */
const NO_THREAT_FACTOR = 0.75;
const THREAT_LOAD = 0.1;
const THREAT_CONNECTIONS = 100;
/** A source with so many of the connections that talk, and at least this many, may stand for many clients. */
const GATEWAY_SHARE = 0.5;
const GATEWAY_IN_USE_MIN = 50;
const GATEWAY_FACTOR = 0.75;
const SHOWN_SOURCES = 3;

export function findSingleSourceHoard(scene: Scene): Claim | null {
  const [top] = scene.suspects.sources;
  if (top === undefined || kindOf(scene.suspects) !== "single-source-hoard") return null;
  const { source, kinds, total } = top;
  const gateway = mayBeGateway(source, scene);
  const certainty = certaintyOf(kinds) * threat(total, scene) * (gateway ? GATEWAY_FACTOR : 1);
  const did = describeKinds(kinds, total);
  const part =
    total < source.connections
      ? `${countText(total, "connection")} of it ${describePart(kinds, total)}`
      : did;
  return {
    cause: "single-source-hoard",
    confidence: confidenceOf(certainty, shareOf(total, scene)),
    headline: `${numberText(total)} of its ${countText(scene.listener.connections, "connection")} belong to ${source.source}, ${did}`,
    gist: "Not growth, not a leak: one hoarder.",
    evidence: [
      `${source.source} holds ${countText(source.connections, "connection")} of ${scene.listener.name}, ${percent(shareOf(source.connections, scene))} of all; ${part}.`,
      ...growthEvidence(source, scene),
      ...nextSource(source, scene),
      ...exhaustionEvidence(scene),
      ...mixedEvidence(source, gateway),
    ],
    advice: [...firstMakeSure(kinds, total), ...singleSourceAdvice(source, scene.listener.port)],
  };
}

export function findDistributedHoard(scene: Scene): Claim | null {
  const { suspects, listener } = scene;
  if (kindOf(suspects) !== "distributed-hoard") return null;
  const sources = suspects.sources.length;
  const did = describeKinds(suspects.kinds, suspects.total);
  const network = commonNetwork(suspects, listener.sources);
  const each = suspects.total / sources;
  const names = suspects.sources.slice(0, SHOWN_SOURCES);
  return {
    cause: "distributed-hoard",
    confidence: confidenceOf(
      certaintyOf(suspects.kinds) * threat(suspects.total, scene),
      shareOf(suspects.total, scene),
    ),
    headline: `${numberText(suspects.total)} of its ${countText(listener.connections, "connection")} are held by ${countText(sources, "source")}, about ${numberText(Math.max(1, each))} each, ${did}`,
    gist: "Not growth, not a leak: a hoard spread over many sources.",
    evidence: [
      `${countText(sources, "source")} hold ${numberText(suspects.total)} of the ${countText(listener.connections, "connection")} of ${listener.name} without using them; ${did}.`,
      `The largest: ${listText(names.map(({ source, total }) => `${source.source} (${numberText(total)})`))}.`,
      ...networkEvidence(network),
      ...exhaustionEvidence(scene),
    ],
    advice: [
      ...firstMakeSure(suspects.kinds, suspects.total),
      ...distributedAdvice(suspects.sources, network, listener.port),
    ],
  };
}

function kindOf({ sources, total }: Suspects): HoardCause | null {
  return hoardCause({ largest: sources[0]?.total ?? 0, total });
}

function threat(held: number, { load, headroom }: Scene): number {
  const threatens = load >= THREAT_LOAD || held >= THREAT_CONNECTIONS || headroom.secondsToFull !== null;
  return threatens ? 1 : NO_THREAT_FACTOR;
}

/** A proxy, a load balancer or carrier NAT: most of what talks comes through it. */
function mayBeGateway({ accepted }: SourceObservation, { listener }: Scene): boolean {
  const used = inHonestUse(accepted);
  return used >= GATEWAY_IN_USE_MIN && used >= GATEWAY_SHARE * inHonestUse(listener.accepted);
}

const DID: Readonly<Record<SuspectKind, string>> = {
  silent: "never sent a byte",
  shut: "ask for data and take none of it (zero window)",
  pings: "sent keep-alives and nothing else",
  onceHeld: "said one thing and then fell silent",
  young: "said one thing at most, and were opened a short while ago",
  quiet: "have all been quiet for longer than their protocol allows",
};

type KindCounts = Readonly<Record<SuspectKind, number>>;

/** What all of `total` connections did: "none has ever sent a byte", or the parts by number. */
function describeKinds(kinds: KindCounts, total: number): string {
  if (kinds.silent === total) return "none has ever sent a byte";
  const [kind] = present(kinds);
  return kind !== undefined && kinds[kind] === total ? `all ${DID[kind]}` : byNumber(kinds);
}

/** The same of connections that are only a part of what was just named. */
function describePart(kinds: KindCounts, total: number): string {
  const [kind] = present(kinds);
  return kind !== undefined && kinds[kind] === total ? DID[kind] : `are not used: ${byNumber(kinds)}`;
}

function byNumber(kinds: KindCounts): string {
  return listText(present(kinds).map((kind) => `${numberText(kinds[kind])} ${DID[kind]}`));
}

function present(kinds: KindCounts): SuspectKind[] {
  return KINDS.filter((kind) => kinds[kind] > 0).sort((a, b) => kinds[b] - kinds[a]);
}

/** Young connections may still turn out to be honest. */
function firstMakeSure(kinds: KindCounts, total: number): string[] {
  return kinds.young <= total / 2
    ? []
    : [
        "Make sure first: an office that has just reconnected looks the same. Honest clients speak again within minutes; --seconds 60 shows it.",
      ];
}

function networkEvidence(network: CommonNetwork | null): string[] {
  if (network === null) return [];
  const others =
    network.inHonestUse === 0
      ? "nobody else there is connected"
      : `${countText(network.inHonestUse, "connection")} from there are in honest use`;
  return [`${percent(network.share)} of them come from ${network.name}; ${others}.`];
}

function growthEvidence(source: SourceObservation, { headroom, seconds }: Scene): string[] {
  const grew = (source.connections - source.connectionsBefore) / seconds;
  if (grew <= 0) return [];
  const share = headroom.perSecond > 0 ? clamp(grew / headroom.perSecond) : 0;
  return [
    `It grew by ${rateText(grew)} while watched${share > 0 ? `, ${percent(share)} of all growth` : ""}.`,
  ];
}

function nextSource(hoarder: SourceObservation, { listener }: Scene): string[] {
  const next = listener.sources.find(({ source }) => source !== hoarder.source);
  return next === undefined
    ? []
    : [`The next largest source, ${next.source}, holds ${numberText(next.connections)}.`];
}

/** What the hoard has done to the others already. */
function exhaustionEvidence({ exhausted, owner, listener, atOwnLimit, ownLimit }: Scene): string[] {
  const waiting = listener.backlog.used;
  if (exhausted && owner?.descriptors) {
    return [
      `The process is out of descriptors (${numberText(owner.descriptors.used)} of ${numberText(owner.descriptors.soft)})${waiting > 0 ? `; ${countText(waiting, "connection")} wait unaccepted` : ""}.`,
      ...(owner.cpuShare !== null && owner.cpuShare > 0.5
        ? [`It spins at ${percent(owner.cpuShare)} of a core, trying to accept what it cannot.`]
        : []),
    ];
  }
  if (atOwnLimit && ownLimit !== null) {
    return [
      `The program's own limit of ${numberText(ownLimit.connections)} (${ownLimit.where}) is reached: it closes newcomers at once.`,
    ];
  }
  return [];
}

function mixedEvidence({ accepted }: SourceObservation, gateway: boolean): string[] {
  const used = inHonestUse(accepted);
  if (used === 0) return [];
  const others = `${countText(used, "connection")} of the same address ${used === 1 ? "is" : "are"} in honest use`;
  return [
    gateway
      ? `${others}: it may be a proxy, a load balancer or carrier NAT.`
      : `${others}: perhaps an office behind one address.`,
  ];
}
