// For how long nothing has got through to a peer, over all scans that saw it. Hot: called for every connection of a scan
// (bench/track.ts); allocates nothing.
//
//   scan 1               scan 2                scan 3                   scan 4
//   sends again          still                 acknowledged more        sends again
//   |--- at least ------------ since scan 1 --|                         |-- begins anew
//
// It begins with the first scan that finds the kernel trying in vain, or as much earlier as that scan proves, and ends with
// any progress: never earlier than the first byte that went unacknowledged, the first probe that went unanswered, or the
// moment the window closed.

import { isProbed, NOT_STUCK, stuckAtLeastMs } from "../census/index.ts";
import { NOT_TOLD, type SocketTable } from "../linux/index.ts";
import { type History, Known, msBetween, ticksOf } from "./history.ts";

/**
 * Brings row `h` of the history up to what row `row` of the table says. Returns for how many milliseconds at least nothing
 * has got through, or NOT_STUCK. `nowMs` is a monotonic clock.
 */
export function followStuck(
  history: History,
  h: number,
  table: SocketTable,
  row: number,
  nowMs: number,
): number {
  const provenMs = stuckAtLeastMs(table, row);
  if (provenMs === NOT_STUCK) {
    history.flags[h]! &= ~Known.STUCK;
    return NOT_STUCK;
  }
  // A tick late rather than early.
  const provenAt = ticksOf(nowMs - provenMs) + 1;
  const now = ticksOf(nowMs);
  if (!hasStayed(history, h, table, row, now) || provenAt < history.stuckAt[h]!) {
    history.stuckAt[h] = provenAt;
  }
  history.flags[h]! |= Known.STUCK;
  history.stuckAcked[h] = table.bytesAcked[row]!;
  return Math.max(provenMs, msBetween(history.stuckAt[h]!, now));
}

/** Whether it was stuck at the last scan, and nothing has got through since. */
function hasStayed(history: History, h: number, table: SocketTable, row: number, now: number): boolean {
  if ((history.flags[h]! & Known.STUCK) === 0) return false;
  const acked = table.bytesAcked[row]!;
  // Where no data is on its way, or its bytes are not counted, any acknowledgement is a sign of life.
  if (isProbed(table, row) || acked === NOT_TOLD) {
    return table.lastAckReceivedMs[row]! >= msBetween(history.stuckAt[h]!, now);
  }
  // Kept modulo 2^32.
  return history.stuckAcked[h] === acked % 2 ** 32;
}
