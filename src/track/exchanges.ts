// Counts exchanges: something that a client said, beyond keeping its connection alive, and that was answered. Told from
// the kernel's counters alone, between two scans or in one; the reasons are in docs/decisions/0011.
//
//   scan 1           scan 2                 scan 3
//   received 0       received 420 (+420)    received 424 (+4)       one exchange, then a keep-alive
//   acked    0       acked    380 (+380)    acked    382 (+2)
//
// Rises are measured from the last exchange, not from the last scan, so that a question and its answer may lie on either
// side of a scan. They are measured by the segment, so that a hundred keep-alives do not add up to a word.
// Hot: once for every connection of a scan (bench/track.ts); allocates nothing.

import { NOT_TOLD, type SocketTable } from "../linux/index.ts";
import type { ListenerPolicy } from "../model/index.ts";
import { type History, Known, NEVER, ticksOf } from "./history.ts";

/** What an exchange takes on one port. */
export interface ExchangeRule {
  /** Bytes a segment that are no more than a keep-alive. */
  readonly keepAliveBytes: number;
  /** Bytes a segment from which on every segment is taken for a message of its own. */
  readonly messageBytes: number;
  /** The client's first segments are a handshake. */
  readonly tls: boolean;
  /** As in the profile. */
  readonly needsAnswers: boolean;
}

/**
 * What a record adds to its content: TLS 1.3 22 bytes (RFC 8446, section 5.2: header 5, content type 1, tag 16), TLS 1.2
 * with AES-GCM 29 (RFC 5288: header 5, nonce 8, tag 16). More would take a small MQTT CONNECT for a keep-alive.
 */
const TLS_RECORD_BYTES = 29;
/** ClientHello; ChangeCipherSpec and Finished. */
const HANDSHAKE_SEGMENTS = 2;
/** What a client's part of it takes at the least, and how much more it may: a post-quantum key share alone is 1200 bytes. */
const HANDSHAKE_BYTES_MIN = 300;
const HANDSHAKE_BYTES_MORE = 1500;
const NOT_YET = -1;
const EXCHANGES_MAX = 255;

export function exchangeRule({ profile }: ListenerPolicy, tls: boolean): ExchangeRule {
  const record = tls ? TLS_RECORD_BYTES : 0;
  return {
    keepAliveBytes: profile.keepAliveBytes + record,
    messageBytes: profile.messageBytes + record,
    tls,
    needsAnswers: profile.needsAnswers,
  };
}

/** When a scan is, and whether the connection's listener was watched before it. */
export interface Sighting {
  /** A monotonic clock. */
  readonly nowMs: number;
  /** This is the first scan of the listener: connections that are new to the history are older than its tracking. */
  readonly first: boolean;
}

/** Brings row `h` of the history up to what row `row` of the table says. */
export function followExchanges(
  history: History,
  h: number,
  table: SocketTable,
  row: number,
  rule: ExchangeRule,
  { nowMs, first }: Sighting,
): void {
  if (history.seenAt[h] === NEVER) history.seenAt[h] = ticksOf(nowMs);
  const received = table.bytesReceived[row]!;
  if (received === 0) return;
  if (received === NOT_TOLD) {
    history.flags[h]! |= Known.UNSURE;
    return;
  }
  hear(history, h, table, row, nowMs, first);
  const handshaking = rule.tls && (history.flags[h]! & Known.HANDSHAKEN) === 0;
  const handshakeBytes = handshaking ? passHandshake(history, h, table, row) : 0;
  if (handshakeBytes !== NOT_YET) weigh(history, h, table, row, rule, first, handshakeBytes);
}

/** Notes when it first said something: now, or for one older than the watch at least as long ago as it last did. */
function hear(
  history: History,
  h: number,
  table: SocketTable,
  row: number,
  nowMs: number,
  first: boolean,
): void {
  if ((history.flags[h]! & Known.HEARD) !== 0) return;
  history.flags[h]! |= Known.HEARD;
  history.heardAt[h] = ticksOf(first ? nowMs - table.lastDataReceivedMs[row]! : nowMs);
}

/**
 * Sets the totals from which a TLS connection's own words count. Size cannot tell the handshake from words that came in the
 * same scan. Returns how many of the bytes since may be the handshake's, or NOT_YET where it is not past it.
 */
function passHandshake(history: History, h: number, table: SocketTable, row: number): number {
  const segments = table.dataSegmentsReceived[row]!;
  if (segments === NOT_TOLD) {
    history.flags[h]! |= Known.UNSURE;
    return HANDSHAKE_BYTES_MORE;
  }
  if (segments < HANDSHAKE_SEGMENTS) return NOT_YET;
  history.flags[h]! |= Known.HANDSHAKEN;
  if (segments === HANDSHAKE_SEGMENTS) {
    settle(history, h, table, row);
    return NOT_YET;
  }
  history.received[h] = Math.min(HANDSHAKE_BYTES_MIN, table.bytesReceived[row]!);
  history.segmentsReceived[h] = HANDSHAKE_SEGMENTS;
  history.segmentsSent[h] = Math.max(0, Math.min(HANDSHAKE_SEGMENTS, table.dataSegmentsSent[row]! - 1));
  return HANDSHAKE_BYTES_MORE;
}

/** Counts the exchanges in what has risen since the last one. */
function weigh(
  history: History,
  h: number,
  table: SocketTable,
  row: number,
  rule: ExchangeRule,
  first: boolean,
  handshakeBytes: number,
): void {
  const received = risen(table.bytesReceived[row]!, history.received[h]!);
  if (received === 0) return;
  const acked = risen(table.bytesAcked[row]!, history.acked[h]!);
  const counted = table.dataSegmentsReceived[row] !== NOT_TOLD;
  const heard = counted ? risen(table.dataSegmentsReceived[row]!, history.segmentsReceived[h]!) : 1;
  const said = counted ? risen(table.dataSegmentsSent[row]!, history.segmentsSent[h]!) : 1;
  const before = history.exchanges[h]!;
  const spoke = received > rule.keepAliveBytes * heard;
  if (spoke) history.flags[h]! |= Known.SPOKE;
  // A TLS server's end of the handshake and its session tickets may come after the client's: they are no push.
  const pushed = acked > rule.keepAliveBytes * said && !(rule.tls && before === 0);
  const answered = acked > 0 && (spoke || pushed);
  const alone = before > 0 && spoke && !rule.needsAnswers;
  if (!answered && !alone) {
    if (before > 0) history.flags[h]! |= Known.KEPT;
    return;
  }
  const segments = rule.needsAnswers ? Math.min(heard, said) : heard;
  const all = received - handshakeBytes >= rule.messageBytes * heard;
  history.exchanges[h] = Math.min(EXCHANGES_MAX, before + (all ? Math.max(1, segments) : 1));
  // One exchange and keep-alives, or several small ones: of what was said before anybody watched nobody knows.
  if (!all && segments > 1) history.flags[h]! |= first ? Known.UNSURE : Known.KEPT;
  if (!counted && before === 0) history.flags[h]! |= Known.UNSURE;
  settle(history, h, table, row);
}

/** From now on rises are measured from here. */
function settle(history: History, h: number, table: SocketTable, row: number): void {
  history.received[h] = table.bytesReceived[row]!;
  history.acked[h] = table.bytesAcked[row]!;
  history.segmentsReceived[h] = table.dataSegmentsReceived[row]!;
  history.segmentsSent[h] = table.dataSegmentsSent[row]!;
}

/** Modulo 2^32, as the history keeps totals. */
function risen(now: number, then: number): number {
  return (now - then) >>> 0;
}
