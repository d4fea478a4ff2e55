// What a connection is doing, told from one row of the socket table; the first rule that matches wins. Hot: called for
// every socket of a scan (bench/scan.ts); reads columns, allocates nothing.

import { NOT_TOLD, type SocketTable } from "../linux/index.ts";
import { CONDUCTS, type Conduct, type Profile, TcpState } from "../model/index.ts";

/** A conduct as its place in CONDUCTS: what the columns of a tally are numbered by. */
export type ConductIndex = number;

const index = (conduct: Conduct): ConductIndex => CONDUCTS.indexOf(conduct);

const ACTIVE = index("active");
const IDLE = index("idle");
const SILENT = index("silent");
const FRESH = index("fresh");
const STALLED = index("stalled");
const QUEUED = index("queued");
const HALF_OPEN = index("halfOpen");
const CLOSING = index("closing");
const LEAKED = index("leaked");

/** inet_diag_msg.idiag_timer */
export const Timer = { RETRANSMIT: 1, KEEPALIVE: 2, WINDOW_PROBE: 4 } as const;

/** TCP_RTO_MIN: a retransmission waits at least this long, and twice as long after every try. */
const RETRANSMIT_MIN_MS = 200;

/** The conduct of the socket in `row`, judged by its listener's profile. A listening or closed socket counts as closing. */
export function conductOf(table: SocketTable, row: number, profile: Profile): ConductIndex {
  const state = table.state[row]!;
  if (state === TcpState.SYN_RECV) return HALF_OPEN;
  if (state === TcpState.CLOSE_WAIT) return LEAKED;
  if (state !== TcpState.ESTABLISHED) return CLOSING;
  if (table.inode[row] === 0) return QUEUED;
  if (isStalled(table, row, profile.stalledForMs)) return STALLED;
  const received = table.bytesReceived[row]!;
  // A passive socket starts its last_data_recv clock when the handshake ends, so for one that got nothing it is the age.
  const quietMs = table.lastDataReceivedMs[row]!;
  if (received === 0) return quietMs < profile.silentForMs ? FRESH : SILENT;
  return profile.normalSilenceMs !== null && quietMs > profile.normalSilenceMs ? IDLE : ACTIVE;
}

/** Whether nothing has got through to the peer for `stalledForMs`, although the kernel keeps trying. */
export function isStalled(table: SocketTable, row: number, stalledForMs: number): boolean {
  return triedForMs(table, row) >= stalledForMs;
}

/** Whether it is the peer that takes no data: the kernel probes its window. */
export function isWindowShut(table: SocketTable, row: number): boolean {
  return table.timer[row] === Timer.WINDOW_PROBE;
}

export const NOT_TRYING = -1;

/** For how long the kernel has tried to get something through to the peer and nothing did, or NOT_TRYING. */
export function triedForMs(table: SocketTable, row: number): number {
  switch (table.timer[row]) {
    case Timer.RETRANSMIT:
      return table.retrans[row]! > 0 ? stuckMs(table, row) : NOT_TRYING;
    case Timer.KEEPALIVE:
      return table.retrans[row]! > 0 ? table.lastAckReceivedMs[row]! : NOT_TRYING;
    case Timer.WINDOW_PROBE:
      // The peer acknowledges each probe and takes no data: only data that leaves is progress.
      return table.lastDataSentMs[row]!;
    default:
      return NOT_TRYING;
  }
}

/**
 * For how long data has been resent in vain. A peer that sends while it acknowledges nothing new keeps last_ack_recv
 * young; then the doublings of the timer give the least time that can have passed: 200 ms x (2^n - 1).
 */
function stuckMs(table: SocketTable, row: number): number {
  const byBackoff = RETRANSMIT_MIN_MS * (2 ** table.backoff[row]! - 1);
  return Math.max(table.lastAckReceivedMs[row]!, byBackoff);
}

/**
 * Whether this host opened the connection, so that it is no listener's even where its local port and address are a
 * listener's. An active opener's bytes_acked counts its SYN, a passive one's does not (tcp_ack() against
 * tcp_rcv_state_process() in net/ipv4/tcp_input.c; seen on 6.18), hence with everything in flight added:
 *
 *    bytes_acked + in flight - (bytes_sent - bytes_retrans)  =  1 for a dialled connection, 0 for an accepted one
 *
 * False where the kernel does not say (before 4.19, or a socket that is closing).
 */
export function isDialled(table: SocketTable, row: number): boolean {
  const state = table.state[row]!;
  if (state === TcpState.SYN_SENT) return true;
  if (state !== TcpState.ESTABLISHED && state !== TcpState.CLOSE_WAIT) return false;
  const sent = table.bytesSent[row]!;
  if (sent === NOT_TOLD) return false;
  // tcp_info is read under the socket's lock and wqueue is not, so wqueue is used only where something is in flight.
  const inFlight = table.unacked[row] === 0 ? 0 : table.wqueue[row]! - table.bytesNotSent[row]!;
  return table.bytesAcked[row]! + inFlight - (sent - table.bytesRetransmitted[row]!) === 1;
}
