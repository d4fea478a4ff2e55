// The judgement: every rule judges every listener, and the claims are ranked. Pure; one file a rule in causes/.

import type { Headroom } from "../census/index.ts";
import { type Cause, NO_SLOTS, pressureOf, type Severity } from "../model/index.ts";
import { findChurn } from "./causes/churn.ts";
import { findDeadPeers } from "./causes/dead-peers.ts";
import { findHalfOpenFlood } from "./causes/half-open-flood.ts";
import { healthy } from "./causes/healthy.ts";
import { findDistributedHoard, findSingleSourceHoard } from "./causes/hoard.ts";
import { findLimitTooLow } from "./causes/limit-too-low.ts";
import { findMachineLimit } from "./causes/machine-limit.ts";
import { findOrganicGrowth } from "./causes/organic-growth.ts";
import { findProgramLeak } from "./causes/program-leak.ts";
import { findProgramNotAccepting } from "./causes/program-not-accepting.ts";
import { type Claim, clamp, type RankedCause } from "./finding.ts";
import type { Observation } from "./observation.ts";
import { type Scene, setScene } from "./scene.ts";
import { verdictSentence } from "./verdict-sentence.ts";

export interface Diagnosis {
  /** That of the first finding. */
  readonly verdict: Cause;
  /** The surest first; `healthy` among them unless something else is surer. */
  readonly findings: readonly RankedCause[];
  /** The verdict in one sentence or two. */
  readonly summary: string;
  /** Of the listener that is nearest to exhaustion; null where nothing listens. */
  readonly listener: string | null;
  readonly headroom: Headroom;
}

const CAUSE_RULES: readonly ((scene: Scene) => Claim | null)[] = [
  findSingleSourceHoard,
  findDistributedHoard,
  findHalfOpenFlood,
  findProgramLeak,
  findProgramNotAccepting,
  findDeadPeers,
  findOrganicGrowth,
  findLimitTooLow,
  findChurn,
];

/** Counters of the whole namespace speak of the listener in focus alone. */
const NAMESPACE_CAUSES: ReadonlySet<Cause> = new Set<Cause>(["churn"]);
/** Another listener's trouble is less likely to be why this one is near exhaustion. */
const OTHER_LISTENER_FACTOR = 0.8;
/** Below this a finding is a remark. */
const REMARK_BELOW = 0.5;
const SOON_SECONDS = 600;

const NOTHING: Headroom = { ...NO_SLOTS, perSecond: 0, secondsToFull: null };

/** Never throws, whatever was observed. */
export function diagnose(observation: Observation): Diagnosis {
  const scenes = observation.listeners.map((listener) => setScene(observation, listener));
  const focus = nearestToExhaustion(scenes);
  const claims = scenes.flatMap((scene) => claimsOf(scene, scene === focus));
  const machine = findMachineLimit(observation.kernel);
  const strongest = Math.max(0, machine?.confidence ?? 0, ...claims.map(({ claim }) => claim.confidence));
  const findings = [
    ...claims.map(({ claim, scene }) => findingOf(claim, scene)),
    ...(machine === null ? [] : [findingOf(machine, null)]),
  ];
  const well = healthy(focus, strongest);
  if (well.confidence > strongest) findings.push(findingOf(well, focus));
  findings.sort((a, b) => b.confidence - a.confidence);
  const first = findings[0]!;
  const shown = scenes.find(({ listener }) => listener.name === first.listener) ?? focus;
  return {
    verdict: first.cause,
    findings,
    summary: verdictSentence(first, shown),
    listener: focus?.listener.name ?? null,
    headroom: focus?.headroom ?? NOTHING,
  };
}

interface Located {
  readonly claim: Claim;
  readonly scene: Scene;
}

function claimsOf(scene: Scene, inFocus: boolean): Located[] {
  const claims: Located[] = [];
  for (const rule of CAUSE_RULES) {
    const claim = rule(scene);
    if (claim === null || (!inFocus && NAMESPACE_CAUSES.has(claim.cause))) continue;
    const confidence = clamp(claim.confidence * (inFocus ? 1 : OTHER_LISTENER_FACTOR));
    claims.push({ claim: { ...claim, confidence }, scene });
  }
  return claims;
}

/** By load and accept queue, then by what is under way, then by connections. */
function nearestToExhaustion(scenes: readonly Scene[]): Scene | null {
  const nearness = ({ load, listener, queueStands }: Scene): number => {
    const { used, limit } = listener.backlog;
    return Math.max(load, queueStands ? used / Math.max(1, limit) : 0);
  };
  const weight = ({ listener: { connections, conduct } }: Scene): number =>
    connections + conduct.halfOpen + conduct.closing;
  return scenes.reduce<Scene | null>((best, next) => {
    if (best === null) return next;
    const order = nearness(next) - nearness(best) || weight(next) - weight(best);
    return order > 0 ? next : best;
  }, null);
}

function findingOf(claim: Claim, scene: Scene | null): RankedCause {
  return { ...claim, listener: scene?.listener.name ?? null, severity: severityOf(claim, scene) };
}

function severityOf({ cause, confidence }: Claim, scene: Scene | null): Severity {
  if (cause === "healthy" || confidence < REMARK_BELOW) return "notice";
  if (cause === "machine-limit") return "critical";
  if (scene === null) return "warning";
  const { load, headroom, queueStands, rose } = scene;
  const soon = headroom.secondsToFull !== null && headroom.secondsToFull < SOON_SECONDS;
  const refusing = queueStands || rose("TcpExt.ListenOverflows") > 0;
  return pressureOf(load) === "critical" || soon || refusing ? "critical" : "warning";
}
