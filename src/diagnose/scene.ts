// What the rules judge: one listener of an observation, with the numbers that several of them need.

import type { Headroom } from "../census/index.ts";
import { type ConnectionLimit, pressureOf, slotShare } from "../model/index.ts";
import type { HistoryPoint, ListenerObservation, Observation, OwnerObservation } from "./observation.ts";
import { findSuspects, HELD_PER_SOURCE_MIN, type Suspects } from "./suspects.ts";

/** A restarted server is found again by its last client with that client's next keep-alive, and some try twice. */
const SETTLED_AFTER_SILENCES = 2.5;
/** For protocols without a normal silence. */
const SETTLED_AFTER_MS = 300_000;

/** A server that will be full this soon counts as tight, whatever it holds now. */
const SOON_FULL_SECONDS = 600;

/** Descriptors that a program keeps for itself while it accepts: at this distance from the limit it is out of them. */
const EXHAUSTED_LEFT = 2;

export interface Scene {
  readonly listener: ListenerObservation;
  readonly owner: OwnerObservation | null;
  readonly seconds: number;
  readonly history: readonly HistoryPoint[];
  readonly headroom: Headroom;
  /** 0..1: the larger of connections by slots, and descriptors by their limit. */
  readonly load: number;
  readonly tight: boolean;
  /** The owner has no descriptor left to accept with. */
  readonly exhausted: boolean;
  /** The limit that the program sets itself is reached. */
  readonly atOwnLimit: boolean;
  /**
   * The limit that the program sets itself, where that is the one to raise: it is met first, or it is reached already,
   * because the program uses descriptors that the slots keep in reserve.
   */
  readonly ownLimit: ConnectionLimit | null;
  /** The owner has run for long enough that its clients have found it. */
  readonly settled: boolean;
  readonly suspects: Suspects;
  /** The accept queue was used in both scans. */
  readonly queueStands: boolean;
  /** A counter's rise between the scans. */
  readonly rose: (name: string) => number;
  /** A counter's rise per second. */
  readonly perSecond: (name: string) => number;
}

/** Waiting connections that make a queue: one or two may be just arriving, and as many as arrive in a tenth of a second. */
const QUEUE_MIN = 4;
const QUEUE_SECONDS_MIN = 0.1;

export function setScene(observation: Observation, listener: ListenerObservation): Scene {
  const { owner, headroom } = listener;
  const seconds = Math.max(observation.seconds, 0.001);
  const descriptors = owner?.descriptors ?? null;
  const load = loadOf(headroom, owner);
  const exhausted = descriptors !== null && descriptors.soft - descriptors.used <= EXHAUSTED_LEFT;
  const soon = headroom.secondsToFull !== null && headroom.secondsToFull < SOON_FULL_SECONDS;
  const settled = isSettled(listener);
  const tight = pressureOf(load) !== "calm" || soon;
  const { used, usedBefore, limit } = listener.backlog;
  const stands = Math.min(used, usedBefore);
  const rose = (name: string): number => Math.max(0, observation.kernel.rose.get(name) ?? 0);
  const arriving = rose("Tcp.PassiveOpens") / seconds;
  return {
    listener,
    owner,
    seconds,
    history: observation.history?.get(listener.name) ?? [],
    headroom,
    load,
    tight,
    exhausted,
    atOwnLimit: isAtOwnLimit(listener),
    ownLimit: headroom.slotsFrom === "program" || isAtOwnLimit(listener) ? listener.programLimit : null,
    settled,
    suspects: findSuspects(listener.sources, {
      tight,
      exhausted,
      youngMin: settled ? HELD_PER_SOURCE_MIN : youngMinAfterRestart(load, headroom),
    }),
    queueStands: stands >= QUEUE_MIN && (stands >= limit || stands >= QUEUE_SECONDS_MIN * arriving),
    rose,
    perSecond: (name) => rose(name) / seconds,
  };
}

/** Programs count some connections that are no longer there, or their own. */
const OWN_LIMIT_SHARE = 0.98;

function isAtOwnLimit({ headroom, programLimit }: ListenerObservation): boolean {
  return programLimit !== null && headroom.used >= OWN_LIMIT_SHARE * programLimit.connections;
}

/**
 * Right after a restart a whole office is young, so only a source counts that has more than offices have. In the middle
 * of an attack servers are restarted, too: once it is full again, a tenth of the slots is too much for one address.
 */
function youngMinAfterRestart(load: number, { slots }: Headroom): number {
  const share = pressureOf(load) === "critical" ? YOUNG_SHARE_FULL : YOUNG_SHARE_TIGHT;
  return Math.max(YOUNG_MIN, share * (slots ?? 0));
}

const YOUNG_MIN = 50;
const YOUNG_SHARE_TIGHT = 0.4;
const YOUNG_SHARE_FULL = 0.1;

function loadOf(headroom: Headroom, owner: OwnerObservation | null): number {
  const descriptors = owner?.descriptors ?? null;
  const byDescriptors = descriptors === null ? 0 : descriptors.used / Math.max(1, descriptors.soft);
  return Math.min(1, Math.max(slotShare(headroom), byDescriptors));
}

function isSettled({ owner, normalSilenceMs }: ListenerObservation): boolean {
  if (owner === null || owner.ageMs === null) return true;
  const wait = normalSilenceMs === null ? SETTLED_AFTER_MS : SETTLED_AFTER_SILENCES * normalSilenceMs;
  return owner.ageMs >= wait;
}

/** A part of what the listener holds, 0..1. */
export function shareOf(part: number, { listener }: Scene): number {
  return Math.min(1, part / Math.max(1, listener.connections));
}
