// What each connection that holds a descriptor has said so far: what conduct alone cannot tell. "Active" is a phone that
// calls, and a hoarder's connection a minute after its only request; data_segs_in of tcp_info tells them apart.
//
//   talking        more than one message                 fallenQuiet  the same, but quiet for long
//   spokeOnce      one message                           heldAfterOnce  the same, but quiet for long
//   keepAlives     nothing but keep-alives, ever
//   unheard        nothing yet                           mute         the same, older than honest clients take
//   queued         not accepted, has spoken or is young  queuedMute   not accepted, and never spoke
//   notReading     takes no data: a zero window, kept open
//   unanswering    answers nothing: data is resent in vain, or keep-alive probes are
//   leaked         closed by the peer alone              abandoned    the same before it was ever accepted
//
// Where the kernel does not count segments (before 4.6), who has spoken counts as talking: doubt accuses nobody.
// A second pass over the sockets of a scan, and only of scans that ask for it (bench/diagnose.ts); allocates one column.

import { NOT_TOLD, type SocketTable } from "../linux/index.ts";
import { isTlsPort, type Profile, TcpState } from "../model/index.ts";
import { isStalled, Timer } from "./conduct.ts";
import { NO_ROW } from "./count.ts";
import type { TallyRows } from "./tally.ts";

export const SPEECH = [
  "talking",
  "fallenQuiet",
  "spokeOnce",
  "heldAfterOnce",
  "keepAlives",
  "unheard",
  "mute",
  "queued",
  "queuedMute",
  "notReading",
  "unanswering",
  "leaked",
  "abandoned",
] as const;

export type Speech = (typeof SPEECH)[number];

/** How many connections of each kind; together all that hold a descriptor or will. */
export type SpeechCounts = Readonly<Record<Speech, number>>;

/** How the honest clients of a listener speak. */
export interface Manners {
  readonly profile: Profile;
  /** An honest client has said something by this age. */
  readonly speakWithinMs: number;
  /** Silence that a client on time never reaches; null where the protocol sets no such time. */
  readonly quietForMs: number | null;
  /** Segments that carry one message: a TLS handshake takes two of the client's before it. */
  readonly onceSegments: number;
}

/** A client that pings exactly on time is never near it. */
const QUIET_FACTOR = 1.5;
const HANDSHAKE_SEGMENTS = 2;

export function mannersOf(profile: Profile, port: number): Manners {
  const { speakWithinMs, silentForMs, normalSilenceMs } = profile;
  return {
    profile,
    speakWithinMs: Math.min(speakWithinMs ?? silentForMs, silentForMs),
    quietForMs: normalSilenceMs === null ? null : QUIET_FACTOR * normalSilenceMs,
    onceSegments: isTlsPort(port) ? 1 + HANDSHAKE_SEGMENTS : 1,
  };
}

export interface SpeechBy {
  /** For each socket its row in the tally, or NO_ROW. */
  readonly rowOf: Int32Array;
  readonly tally: TallyRows;
  /** By the listener's number. */
  readonly manners: readonly Manners[];
}

/** Counts by row of the tally, SPEECH.length each. */
export function countSpeech(
  table: SocketTable,
  { rowOf, tally, manners }: SpeechBy,
): Uint32Array<ArrayBuffer> {
  const counts = new Uint32Array(SPEECH.length * tally.length);
  for (let socket = 0; socket < table.length; socket++) {
    const row = rowOf[socket]!;
    if (row === NO_ROW) continue;
    const speech = speechOf(table, socket, manners[tally.listener[row]!]!);
    if (speech !== NOT_HELD) counts[SPEECH.length * row + speech]!++;
  }
  return counts;
}

/** The counts of one row, by name. */
export function speechCounts(counts: Uint32Array, row: number): SpeechCounts {
  const named = SPEECH.map((speech, i) => [speech, counts[SPEECH.length * row + i]!] as const);
  return Object.fromEntries(named) as Record<Speech, number>;
}

const index = (speech: Speech): number => SPEECH.indexOf(speech);

const TALKING = index("talking");
const FALLEN_QUIET = index("fallenQuiet");
const SPOKE_ONCE = index("spokeOnce");
const HELD_AFTER_ONCE = index("heldAfterOnce");
const KEEP_ALIVES = index("keepAlives");
const UNHEARD = index("unheard");
const MUTE = index("mute");
const QUEUED = index("queued");
const QUEUED_MUTE = index("queuedMute");
const NOT_READING = index("notReading");
const UNANSWERING = index("unanswering");
const LEAKED = index("leaked");
const ABANDONED = index("abandoned");
const NOT_HELD = -1;

function speechOf(table: SocketTable, row: number, manners: Manners): number {
  const state = table.state[row]!;
  const accepted = table.inode[row] !== 0;
  if (state === TcpState.CLOSE_WAIT) return accepted ? LEAKED : ABANDONED;
  if (state !== TcpState.ESTABLISHED) return NOT_HELD;
  const mute = table.bytesReceived[row] === 0 && table.lastDataReceivedMs[row]! >= manners.speakWithinMs;
  if (!accepted) return mute ? QUEUED_MUTE : QUEUED;
  if (isStalled(table, row, manners.profile.stalledForMs)) {
    return table.timer[row] === Timer.WINDOW_PROBE ? NOT_READING : UNANSWERING;
  }
  if (table.bytesReceived[row] === 0) return mute ? MUTE : UNHEARD;
  return wordsOf(table, row, manners);
}

/** For a connection that has received something. */
function wordsOf(table: SocketTable, row: number, { profile, quietForMs, onceSegments }: Manners): number {
  const segments = table.dataSegmentsReceived[row]!;
  const counted = segments !== NOT_TOLD;
  if (counted && table.bytesReceived[row]! <= profile.keepAliveBytes * segments) return KEEP_ALIVES;
  const quiet = quietForMs !== null && table.lastDataReceivedMs[row]! > quietForMs;
  if (counted && segments <= onceSegments) return quiet ? HELD_AFTER_ONCE : SPOKE_ONCE;
  return quiet ? FALLEN_QUIET : TALKING;
}
