import assert from "node:assert/strict";
import { test } from "node:test";
import { type FakeSocket, fakeInfo } from "../linux/fakes.ts";
import { PROFILES, TcpState } from "../model/index.ts";
import { tableOf } from "./fakes.ts";
import { countSpeech, mannersOf, SPEECH, type Speech, speechCounts } from "./speech.ts";

const SIP = mannersOf(PROFILES.sip, 5060);
const QUIET_MS = 1.5 * 120_000 + 1;

/** A connection that got `bytes` in `segments`, the last of them `quietMs` ago. */
const said = (segments: number, bytes: number, quietMs = 1000) => ({
  info: fakeInfo({
    dataSegmentsReceived: segments,
    bytesReceived: BigInt(bytes),
    lastDataReceived: quietMs,
  }),
});
const old = fakeInfo({ lastDataReceived: 60_000 });

const CASES: readonly (readonly [title: string, speech: Speech, socket: Partial<FakeSocket>])[] = [
  ["a call", "talking", said(4, 2000)],
  ["a call that fell quiet", "fallenQuiet", said(4, 2000, QUIET_MS)],
  ["one request", "spokeOnce", said(1, 400)],
  ["one request, long ago", "heldAfterOnce", said(1, 400, QUIET_MS)],
  ["CRLFCRLF, again and again", "keepAlives", said(9, 36)],
  ["CRLFCRLF after a request", "talking", said(9, 432)],
  ["nothing yet", "unheard", { info: fakeInfo({ lastDataReceived: 4000 }) }],
  ["nothing for longer than a phone takes", "mute", { info: old }],
  ["not accepted and silent", "queuedMute", { inode: 0, info: old }],
  ["not accepted, but it has spoken", "queued", { inode: 0, ...said(1, 400, 60_000) }],
  ["a window shut for a minute", "notReading", { timer: 4, info: fakeInfo({ lastDataSent: 60_000 }) }],
  [
    "probes without an answer",
    "unanswering",
    { timer: 2, retrans: 3, info: fakeInfo({ lastAckReceived: 60_000 }) },
  ],
  ["closed by the peer", "leaked", { state: TcpState.CLOSE_WAIT }],
  ["closed by the peer before it was accepted", "abandoned", { state: TcpState.CLOSE_WAIT, inode: 0 }],
];

const tally = {
  length: 1,
  listener: new Uint32Array(1),
  source: new Uint32Array(4),
  counts: new Uint32Array(9),
};

for (const [title, speech, socket] of CASES) {
  test(`countSpeech() calls ${title} ${speech}`, () => {
    const counts = countSpeech(tableOf(socket), { rowOf: new Int32Array(1), tally, manners: [SIP] });
    const expected = Object.fromEntries(SPEECH.map((name) => [name, name === speech ? 1 : 0]));
    assert.deepEqual(speechCounts(counts, 0), expected);
  });
}

test("countSpeech() leaves out what holds no descriptor, and what is no listener's", () => {
  const table = tableOf({ state: TcpState.SYN_RECV }, { state: TcpState.TIME_WAIT }, said(1, 400));
  const counts = countSpeech(table, { rowOf: Int32Array.of(0, 0, -1), tally, manners: [SIP] });
  assert.ok(counts.every((n) => n === 0));
});

test("a TLS handshake and a request are one message", () => {
  const manners = [mannersOf(PROFILES.sip, 5061)];
  const counts = countSpeech(tableOf(said(3, 900)), { rowOf: new Int32Array(1), tally, manners });
  assert.equal(speechCounts(counts, 0).spokeOnce, 1);
});

test("on a kernel that counts no segments, who has spoken is talking", () => {
  const table = tableOf({ info: fakeInfo({ bytes: 136, bytesReceived: 4n }) });
  const counts = countSpeech(table, { rowOf: new Int32Array(1), tally, manners: [SIP] });
  assert.equal(speechCounts(counts, 0).talking, 1);
});
