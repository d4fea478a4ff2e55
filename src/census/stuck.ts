// For how long nothing has got through to a peer, as far as one row of the socket table proves it. Hot: called for every
// socket of a scan (bench/scan.ts); reads columns, allocates nothing.
//
// No clock of the kernel's begins with the first byte that goes unacknowledged: last_ack_recv and last_data_sent run since
// before that byte was sent, so a peer that was quiet for a minute would be stuck for a minute at its first lost packet. The
// doublings of the timer are what one row proves. The time between scans proves more, to those who remember (src/track/stuck.ts).

import type { SocketTable } from "../linux/index.ts";

/** inet_diag_msg.idiag_timer */
const Timer = { RETRANSMIT: 1, KEEPALIVE: 2, WINDOW_PROBE: 4 } as const;

/** The kernel has nothing to get through, or has only just tried. */
export const NOT_STUCK = -1;

/** The least that TCP_KEEPINTVL can be: keepalive probes are at least this far apart. */
const PROBE_INTERVAL_MIN_MS = 1000;

/** For how many milliseconds at least the kernel has tried in vain to get something through; NOT_STUCK where it does not try. */
export function stuckAtLeastMs(table: SocketTable, row: number): number {
  const tries = table.retrans[row]!;
  switch (table.timer[row]) {
    case Timer.RETRANSMIT:
      return tries > 0 ? resentForMs(table, row) : NOT_STUCK;
    case Timer.KEEPALIVE:
      return tries > 0 ? (tries - 1) * PROBE_INTERVAL_MIN_MS : NOT_STUCK;
    case Timer.WINDOW_PROBE:
      return probedForMs(table, row);
    default:
      return NOT_STUCK;
  }
}

/** Whether it is the peer that takes no data: the kernel probes its window. */
export function isWindowShut(table: SocketTable, row: number): boolean {
  return table.timer[row] === Timer.WINDOW_PROBE;
}

/** Whether the kernel asks a quiet peer for a sign of life. */
export function isProbed(table: SocketTable, row: number): boolean {
  return table.timer[row] === Timer.KEEPALIVE;
}

/**
 * Of data that is sent again. Every try doubles icsk_rto (tcp_retransmit_timer(), net/ipv4/tcp_timer.c), so the first time-out
 * was rto / 2^n and all of them together took (2^n - 1) times that.
 */
function resentForMs(table: SocketTable, row: number): number {
  const doublings = 2 ** table.backoff[row]!;
  return (table.rtoMs[row]! / doublings) * (doublings - 1);
}

/**
 * Of a closed window. Probes are rto, 2 rto, 4 rto, ... apart, and icsk_rto itself stays (tcp_probe0_when(),
 * include/net/tcp.h). An acknowledged probe opens no window and starts nothing anew (seen on 6.18: six doublings of 208 ms
 * in 14.4 s).
 */
function probedForMs(table: SocketTable, row: number): number {
  return table.rtoMs[row]! * (2 ** table.backoff[row]! - 1);
}
