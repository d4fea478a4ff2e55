// limit-too-low: honest connections fill what the process may hold, or their arrival what its accept queue may. Says as
// well where the limit comes from, since it is often raised in a place that does not apply.

import { type ConnectionLimit, DEFAULT_PRESSURE, percent } from "../../model/index.ts";
import { type Claim, COMMAND_MARK, clamp } from "../finding.ts";
import type { DescriptorUse, OwnerObservation } from "../observation.ts";
import type { Scene } from "../scene.ts";
import { countText, numberText } from "../words.ts";
import { capacityAdvice } from "./organic-growth.ts";

/** From here on honest connections alone are a reason to worry; at full they are the reason. */
const HONEST_SHARE_MIN = DEFAULT_PRESSURE.tight;
const NEAR_CERTAINTY = 0.4;
const FULL_CERTAINTY = 0.92;
const OVERFLOW_CERTAINTY = 0.86;

export function findLimitTooLow(scene: Scene): Claim | null {
  return tooFewSlots(scene) ?? tooShortQueue(scene);
}

function tooFewSlots(scene: Scene): Claim | null {
  const { listener, headroom, owner, ownLimit, suspects, load } = scene;
  if (owner === null || headroom.slots === null) return null;
  const { leaked, unanswered } = listener.accepted;
  const honest = Math.max(0, headroom.used - suspects.total - leaked - unanswered);
  const share = headroom.slots === 0 ? 1 : honest / headroom.slots;
  if (share < HONEST_SHARE_MIN || load < HONEST_SHARE_MIN) return null;
  const full = clamp((share - HONEST_SHARE_MIN) / (DEFAULT_PRESSURE.critical - HONEST_SHARE_MIN));
  const which = limitName(owner, ownLimit);
  const most = ownLimit?.connections ?? headroom.slots;
  return {
    cause: "limit-too-low",
    confidence: NEAR_CERTAINTY + (FULL_CERTAINTY - NEAR_CERTAINTY) * full,
    headline: `${numberText(honest)} of its ${countText(listener.connections, "connection")} are in honest use, and ${which} lets it hold ${numberText(most)}`,
    gist: "Not an attack, not a leak: the limit is too low for its clients.",
    evidence: [
      `Connections in honest use alone take ${percent(Math.min(1, share))} of the ${countText(headroom.slots, "slot")} of ${listener.name}; ${largestSource(scene)}.`,
      ...(scene.queueStands ? [`${countText(listener.backlog.used, "connection")} wait unaccepted.`] : []),
      ...(ownLimit === null ? originEvidence(owner) : turnedAway(scene)),
    ],
    advice: raiseAdvice(scene, owner),
  };
}

/** Connections came faster than they were accepted, although the queue empties between. */
function tooShortQueue(scene: Scene): Claim | null {
  const { listener, owner, exhausted } = scene;
  const overflows = scene.rose("TcpExt.ListenOverflows");
  if (overflows === 0 || scene.queueStands || exhausted) return null;
  const { limit } = listener.backlog;
  return {
    cause: "limit-too-low",
    confidence: OVERFLOW_CERTAINTY,
    headline: `${countText(overflows, "handshake")} met a full accept queue, which holds ${numberText(limit)} and empties at once`,
    gist: "Not an attack, and no lack of descriptors: the accept queue is too short for how clients arrive.",
    evidence: [
      `TcpExt.ListenOverflows rose by ${numberText(overflows)} while watched; the queue of ${listener.name} holds ${numberText(limit)} and was at ${numberText(listener.backlog.usedBefore)} and ${numberText(listener.backlog.used)}, so the program does accept.`,
    ],
    advice: [
      `Raise the backlog that ${owner?.name ?? "the program"} asks for and net.core.somaxconn, the smaller of which counts, to 1024 or more, and restart it: a queue keeps the length that it began with.`,
    ],
  };
}

/** A program at its own limit accepts and closes at once. */
function turnedAway({ perSecond, headroom }: Scene): string[] {
  const refused = perSecond("Tcp.PassiveOpens") - Math.max(0, headroom.perSecond);
  return refused < 1
    ? []
    : [`About ${numberText(refused)} newcomers a second are accepted and closed at once.`];
}

function limitName({ descriptors }: OwnerObservation, ownLimit: ConnectionLimit | null): string {
  if (ownLimit !== null) return ownLimit.where;
  return descriptors === null ? "its limit" : `its limit of ${countText(descriptors.soft, "descriptor")}`;
}

function largestSource({ listener }: Scene): string {
  const [first] = listener.sources;
  return first === undefined
    ? "no source stands out"
    : `the largest source, ${first.source}, has ${numberText(first.connections)}`;
}

/** Where the limit in force comes from, and what was tried in vain. */
function originEvidence({ descriptors, limitOrigin }: OwnerObservation): string[] {
  if (descriptors === null || !Number.isFinite(descriptors.soft)) return [];
  const { unit, unitLimit, pamLimit } = limitOrigin;
  const evidence = [
    `The limit in force is ${numberText(descriptors.soft)} (soft) of ${Number.isFinite(descriptors.hard) ? numberText(descriptors.hard) : "unlimited"} (hard).`,
  ];
  if (unitLimit !== null && unitLimit.soft > descriptors.soft) {
    evidence.push(
      `${unitLimit.file} says ${numberText(unitLimit.soft)}: the process was started before that, or lowers it itself.`,
    );
  } else if (unit?.endsWith(".service") && unitLimit === null) {
    evidence.push(`${unit} sets no LimitNOFILE, so systemd's default is in force.`);
  }
  if (pamLimit !== null && pamLimit.soft > descriptors.soft) {
    evidence.push(
      `${pamLimit.file} says ${numberText(pamLimit.soft)}, but only logins read it: no service ever does.`,
    );
  }
  return evidence;
}

function raiseAdvice(scene: Scene, owner: OwnerObservation): string[] {
  if (scene.ownLimit !== null) {
    return [
      `Raise ${scene.ownLimit.where}, and the descriptor limit above it; it takes effect at the program's next start.`,
    ];
  }
  const { descriptors, pid } = owner;
  return [
    ...(descriptors === null ? [] : raiseNow(pid, descriptors)),
    ...capacityAdvice(scene),
    "limits.conf does not apply to services.",
  ];
}

function raiseNow(pid: number, { soft, hard }: DescriptorUse): string[] {
  const most = Number.isFinite(hard) ? String(hard) : "unlimited";
  if (soft >= hard) {
    return [
      "At once and without a restart, as root:",
      `${COMMAND_MARK}prlimit --pid ${pid} --nofile=${2 * soft}:${2 * soft}`,
    ];
  }
  return [
    "At once and without a restart, as far as its hard limit goes:",
    `${COMMAND_MARK}prlimit --pid ${pid} --nofile=${Math.min(hard, 2 * soft)}:${most}`,
  ];
}
