// The proof of a connection: which of PROOFS (src/model/proof.ts) it is, from one row of the socket table and what is
// remembered of it; and when time alone will change that. Hot: called for every connection of a scan (bench/track.ts);
// allocates nothing.

import { isWindowShut, NOT_STUCK } from "../census/index.ts";
import { NOT_TOLD, type SocketTable } from "../linux/index.ts";
import { type Profile, Proof, TcpState } from "../model/index.ts";
import { HISTORY_TICK_MS, type History, Known, msBetween, NO_HISTORY, ticksOf } from "./history.ts";

/** Of a connection that holds no descriptor and is not going to. */
export const NO_PROOF = -1;

/** What is remembered of one connection. One object serves a whole scan. */
export interface ConnectionMemory {
  exchanges: number;
  /** Bits of Known. */
  flags: number;
  /** How long ago it first said something. */
  heardForMs: number;
  /** For how long at least nothing has got through to the peer; NOT_STUCK where nothing has to. */
  stuckForMs: number;
}

/** Reads row `h` of the history; what is not remembered is unsure, which accuses nobody. `nowMs` is a monotonic clock. */
export function recall(history: History, h: number, nowMs: number, into: ConnectionMemory): void {
  if (h === NO_HISTORY) {
    into.exchanges = 0;
    into.flags = Known.UNSURE;
    into.heardForMs = 0;
    return;
  }
  into.exchanges = history.exchanges[h]!;
  into.flags = history.flags[h]!;
  into.heardForMs = msBetween(history.heardAt[h]!, ticksOf(nowMs));
}

/** The place in PROOFS of the connection in `row`, or NO_PROOF. */
export function proofOf(
  table: SocketTable,
  row: number,
  remembered: ConnectionMemory,
  profile: Profile,
): number {
  const state = table.state[row]!;
  if (state === TcpState.CLOSE_WAIT) return table.inode[row] === 0 ? Proof.abandoned : Proof.leaked;
  if (state !== TcpState.ESTABLISHED) return NO_PROOF;
  if (remembered.stuckForMs >= profile.stalledForMs) {
    return isWindowShut(table, row) ? Proof.shut : Proof.unanswered;
  }
  if (table.bytesReceived[row] === 0) return unheardProof(table, row, profile);
  const { exchanges, flags, heardForMs } = remembered;
  const quiet = isOver(table.lastDataReceivedMs[row]!, profile.holdForMs);
  const served = quiet && servedForMs(table, row, profile) > 0;
  if (exchanges >= 2) return quiet ? Proof.lapsed : Proof.proven;
  if ((flags & Known.UNSURE) !== 0 || table.bytesReceived[row] === NOT_TOLD) {
    return quiet && !served ? Proof.faded : Proof.unknown;
  }
  if (exchanges === 1) {
    if (quiet && !served) return Proof.onceHeld;
    return served || (flags & Known.KEPT) !== 0 ? Proof.kept : Proof.once;
  }
  // Nobody has answered: to go on talking buys no time, unless the program has not even read it.
  const held = isOver(heardForMs, profile.holdForMs) && !isUnread(table, row);
  if ((flags & Known.SPOKE) !== 0) return held ? Proof.onceHeld : Proof.once;
  return held ? Proof.pingsHeld : Proof.pings;
}

/**
 * For one that never sent a byte. A passive socket starts its last_data_recv clock when the handshake ends, so that is its
 * age, exact and the kernel's own, whenever the watch began.
 */
function unheardProof(table: SocketTable, row: number, profile: Profile): number {
  const ageMs = table.lastDataReceivedMs[row]!;
  if (ageMs >= profile.silentForMs) return listensFor(table, row, profile) > 0 ? Proof.fresh : Proof.silent;
  const { speakWithinMs } = profile;
  return speakWithinMs === null || ageMs < speakWithinMs ? Proof.fresh : Proof.mute;
}

/**
 * For how much longer a connection that never spoke passes for one that listens: the server talks, and the client's host goes
 * on acknowledging it. 0 for all others.
 */
function listensFor(table: SocketTable, row: number, { listens, silentForMs }: Profile): number {
  if (!listens || table.bytesAcked[row]! <= 0) return 0;
  return Math.max(0, silentForMs - Math.max(table.lastDataSentMs[row]!, table.lastAckReceivedMs[row]!));
}

/**
 * For how much longer a client that has asked once passes for a subscriber: as long as the server goes on talking and the
 * client's host acknowledges it. 0 for all others.
 */
function servedForMs(table: SocketTable, row: number, { subscribes, holdForMs }: Profile): number {
  if (!subscribes || holdForMs === null || table.bytesAcked[row]! <= 0) return 0;
  return Math.max(0, holdForMs - Math.max(table.lastDataSentMs[row]!, table.lastAckReceivedMs[row]!));
}

/** Whether the program leaves what the client has said in the socket: a program that hangs makes nobody a hoarder. */
function isUnread(table: SocketTable, row: number): boolean {
  return table.rqueue[row]! > 0;
}

/**
 * In how many milliseconds time alone moves the connection, which is `proof` now, into an overdue proof or from mute to
 * silent; Infinity for never. Words of the connection meanwhile only put that off.
 */
export function dueInMs(
  proof: number,
  table: SocketTable,
  row: number,
  remembered: ConnectionMemory,
  profile: Profile,
): number {
  if (OVERDUE_FOR_GOOD.has(proof)) return Number.POSITIVE_INFINITY;
  const { stuckForMs } = remembered;
  const stalls = stuckForMs === NOT_STUCK ? Number.POSITIVE_INFINITY : profile.stalledForMs - stuckForMs;
  return Math.max(0, Math.min(stalls, turnsInMs(proof, table, row, remembered, profile))) + LATE_MS;
}

/**
 * The kernel's ages lag by a jiffy, the history's by a tick: a scan at the very moment would find nothing changed and have
 * to be repeated.
 */
const LATE_MS = 10;

/** Overdue already, and nothing worse to become. */
const OVERDUE_FOR_GOOD: ReadonlySet<number> = new Set([
  Proof.shut,
  Proof.unanswered,
  Proof.silent,
  Proof.pingsHeld,
  Proof.onceHeld,
  Proof.leaked,
  Proof.abandoned,
]);

function turnsInMs(
  proof: number,
  table: SocketTable,
  row: number,
  { exchanges, heardForMs }: ConnectionMemory,
  profile: Profile,
): number {
  const { speakWithinMs, silentForMs, holdForMs } = profile;
  const quietMs = table.lastDataReceivedMs[row]!;
  switch (proof) {
    case Proof.fresh:
      if (speakWithinMs !== null && quietMs < speakWithinMs && speakWithinMs < silentForMs) {
        return speakWithinMs - quietMs;
      }
      return Math.max(silentForMs - quietMs, listensFor(table, row, profile));
    case Proof.mute:
      return silentForMs - quietMs;
    case Proof.pings:
    case Proof.once:
    case Proof.kept:
      if (holdForMs === null) return Number.POSITIVE_INFINITY;
      if (exchanges > 0) return Math.max(holdForMs - quietMs, servedForMs(table, row, profile));
      // Past its time and unread: it waits for the program, not for time.
      return isOver(heardForMs, holdForMs)
        ? Number.POSITIVE_INFINITY
        : holdForMs - heardForMs + HISTORY_TICK_MS;
    default:
      return Number.POSITIVE_INFINITY;
  }
}

function isOver(ms: number, limitMs: number | null): boolean {
  return limitMs !== null && ms > limitMs;
}
