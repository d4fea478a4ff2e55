import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { tableOf } from "../census/fakes.ts";
import { type FakeSocket, type FakeTcpInfo, fakeInfo } from "../linux/fakes.ts";
import {
  DEAD,
  OVERDUE,
  PROFILES,
  PROOFS,
  type Profile,
  type Proof,
  Proof as ProofNumber,
  TcpState,
} from "../model/index.ts";
import { History, Known, NO_HISTORY } from "./history.ts";
import { type ConnectionMemory, dueInMs, NO_PROOF, proofOf, recall } from "./proof.ts";

const { sip, generic, imap, mqtt, websocket } = PROFILES;

interface Case {
  readonly socket: Partial<FakeSocket>;
  readonly known?: Partial<ConnectionMemory>;
  readonly profile?: Profile;
  /** Without the kernel's lag of 10 ms or the history's of 110; default: never. */
  readonly dueIn?: number;
}

const quiet = (ms: number, more: Partial<FakeTcpInfo> = {}): Partial<FakeSocket> => ({
  info: fakeInfo({ lastDataReceived: ms, ...more }),
});
const said = (quietMs: number) => quiet(quietMs, { bytesReceived: 420n, dataSegmentsReceived: 1 });
const once = { exchanges: 1 };
const told = (sentMs: number) =>
  quiet(300_000, {
    bytesReceived: 420n,
    dataSegmentsReceived: 1,
    bytesAcked: 9999n,
    lastDataSent: sentMs,
    lastAckReceived: sentMs,
  });
const push = (sentMs: number) =>
  quiet(300_000, { bytesAcked: 99n, lastDataSent: sentMs, lastAckReceived: sentMs });

const CASES: readonly (readonly [title: string, proof: Proof | null, what: Case])[] = [
  ["SYN_RECV", null, { socket: { state: TcpState.SYN_RECV, info: null } }],
  ["FIN_WAIT2", null, { socket: { state: TcpState.FIN_WAIT2 } }],
  ["CLOSE_WAIT", "leaked", { socket: { state: TcpState.CLOSE_WAIT } }],
  ["CLOSE_WAIT, not accepted", "abandoned", { socket: { state: TcpState.CLOSE_WAIT, inode: 0 } }],
  ["no byte, 4 s old", "fresh", { socket: quiet(4000), dueIn: 1000 }],
  ["no byte, 5 s old", "mute", { socket: quiet(5000), dueIn: 25_000 }],
  ["no byte, 30 s old", "silent", { socket: quiet(30_000) }],
  ["not accepted, no byte, 5 s old", "mute", { socket: { ...quiet(5000), inode: 0 }, dueIn: 25_000 }],
  [
    "no byte, where the server may speak first",
    "fresh",
    { socket: quiet(59_000), profile: generic, dueIn: 1000 },
  ],
  [
    "no byte for a minute, where the server may speak first",
    "silent",
    { socket: quiet(60_000), profile: imap },
  ],
  ["no byte, but the server speaks to it", "fresh", { socket: push(2000), profile: generic, dueIn: 58_000 }],
  ["no byte, and the server has spoken once, long ago", "silent", { socket: push(60_000), profile: imap }],
  ["no byte, and SIP's server speaks to it", "silent", { socket: push(2000) }],
  ["keep-alives for a minute", "pings", { socket: said(100), known: { heardForMs: 60_000 }, dueIn: 120_100 }],
  ["keep-alives for longer than holdFor", "pingsHeld", { socket: said(100), known: { heardForMs: 180_100 } }],
  [
    "a subscriber that has asked once, and is told what is new",
    "kept",
    { socket: told(20_000), known: once, profile: websocket, dueIn: 70_000 },
  ],
  [
    "a subscriber that is told nothing",
    "onceHeld",
    { socket: told(91_000), known: once, profile: websocket },
  ],
  ["SIP has no subscribers of that kind", "onceHeld", { socket: told(20_000), known: once }],
  [
    "words that the program has not read, for longer than holdFor",
    "once",
    { socket: { ...said(100), rqueue: 420 }, known: { flags: Known.SPOKE, heardForMs: 600_000 } },
  ],
  ["words that nobody answers", "once", { socket: said(100), known: { flags: Known.SPOKE }, dueIn: 180_100 }],
  [
    "words that nobody answers, again and again",
    "onceHeld",
    { socket: said(100), known: { flags: Known.SPOKE, heardForMs: 180_100 } },
  ],
  ["one exchange", "once", { socket: said(60_000), known: once, dueIn: 120_000 }],
  ["one exchange, and nothing since", "onceHeld", { socket: said(180_001), known: once }],
  [
    "one exchange, kept alive",
    "kept",
    { socket: said(60_000), known: { ...once, flags: Known.KEPT }, dueIn: 120_000 },
  ],
  [
    "one exchange, kept alive once, long ago",
    "onceHeld",
    { socket: said(180_001), known: { ...once, flags: Known.KEPT } },
  ],
  ["two exchanges", "proven", { socket: said(180_000), known: { exchanges: 2 } }],
  ["two exchanges, long ago", "lapsed", { socket: said(180_001), known: { exchanges: 2 } }],
  ["nobody knows", "unknown", { socket: said(180_000), known: { ...once, flags: Known.UNSURE } }],
  ["nobody knows, long ago", "faded", { socket: said(180_001), known: { ...once, flags: Known.UNSURE } }],
  [
    "nobody knows, and it is told what is new",
    "unknown",
    { socket: told(20_000), known: { ...once, flags: Known.UNSURE }, profile: websocket },
  ],
  ["generic: one exchange, an hour ago", "once", { socket: said(3_600_000), known: once, profile: generic }],
  [
    "generic: unanswered for an hour",
    "pings",
    { socket: said(9), known: { heardForMs: 3_600_000 }, profile: generic },
  ],
  [
    "generic: two exchanges, an hour ago",
    "proven",
    { socket: said(3_600_000), known: { exchanges: 2 }, profile: generic },
  ],
  ["mqtt: no byte for 15 s", "silent", { socket: quiet(15_000), profile: mqtt }],
  [
    "a window shut for 30 s",
    "shut",
    {
      socket: { timer: 4, ...quiet(0, { bytesReceived: 9n, lastDataSent: 30_000 }) },
      known: { exchanges: 9 },
    },
  ],
  [
    "data resent in vain for 30 s",
    "unanswered",
    {
      socket: {
        timer: 1,
        retrans: 5,
        ...quiet(0, { bytesReceived: 9n, lastAckReceived: 30_000, lastDataSent: 0 }),
      },
      known: { exchanges: 9 },
    },
  ],
  [
    "probes without an answer for 30 s",
    "unanswered",
    { socket: { timer: 2, retrans: 3, ...quiet(0, { bytesReceived: 9n, lastAckReceived: 30_000 }) } },
  ],
  [
    "a window shut for 10 s",
    "proven",
    {
      socket: { timer: 4, ...quiet(0, { bytesReceived: 9n, lastDataSent: 10_000 }) },
      known: { exchanges: 9 },
      dueIn: 20_000,
    },
  ],
];

const FORGOTTEN: ConnectionMemory = { exchanges: 0, flags: 0, heardForMs: 0 };

for (const [title, proof, { socket, known, profile = sip, dueIn = Number.POSITIVE_INFINITY }] of CASES) {
  test(`${title}: ${proof ?? "no proof"}`, () => {
    const table = tableOf(socket);
    const remembered = { ...FORGOTTEN, ...known };
    const found = proofOf(table, 0, remembered, profile);
    assert.equal(PROOFS[found] ?? null, proof);
    if (found !== NO_PROOF) assert.equal(dueInMs(found, table, 0, remembered, profile), dueIn + 10);
  });
}

test("a connection that is not remembered is unknown once it has spoken, and judged by its age until then", () => {
  const remembered = { ...FORGOTTEN };
  recall(new History(), NO_HISTORY, 0, remembered);
  assert.equal(proofOf(tableOf(said(9)), 0, remembered, sip), ProofNumber.unknown);
  assert.equal(proofOf(tableOf(quiet(30_000)), 0, remembered, sip), ProofNumber.silent);
});

const age = fc.oneof(fc.integer({ min: 0, max: 200_000 }), fc.integer({ min: 0, max: 3_000_000 }));
const anyConnection = fc.record({
  profile: fc.constantFrom(...Object.values(PROFILES)),
  receivedAge: age,
  sentAge: age,
  ackAge: age,
  heardAge: age,
  heard: fc.boolean(),
  pushed: fc.boolean(),
  timer: fc.constantFrom(0, 1, 2, 4),
  exchanges: fc.nat(3),
  flags: fc.constantFrom(0, Known.KEPT, Known.SPOKE, Known.UNSURE),
});

/** The kernel's and the history's clocks lag: what is due may be so much late. */
const LAG_MS = 110;

test("time alone makes nothing overdue before it is due, and then it does", () => {
  const property = fc.property(anyConnection, fc.double({ min: 0, max: 1, noNaN: true }), (c, share) => {
    const after = (ms: number) => {
      const info = fakeInfo({
        lastDataReceived: c.receivedAge + ms,
        lastDataSent: c.sentAge + ms,
        lastAckReceived: c.ackAge + ms,
        bytesReceived: c.heard ? 500n : 0n,
        bytesAcked: c.pushed ? 500n : 0n,
      });
      const table = tableOf({ timer: c.timer, retrans: c.timer === 4 ? 0 : 1, info });
      const remembered = { exchanges: c.exchanges, flags: c.flags, heardForMs: c.heardAge + ms };
      const proof = proofOf(table, 0, remembered, c.profile);
      return { name: PROOFS[proof]!, dueInMs: dueInMs(proof, table, 0, remembered, c.profile) };
    };
    const now = after(0);
    const late = [...DEAD, ...OVERDUE];
    const worse = (name: Proof) => (now.name === "mute" ? name !== "mute" : late.includes(name));
    if (now.name !== "mute" && late.includes(now.name)) return;
    const horizonMs = Math.min(now.dueInMs, 10_000_000);
    const early = Math.floor(share * Math.max(0, horizonMs - LAG_MS));
    if (now.dueInMs > LAG_MS) assert.ok(!worse(after(early).name), `${now.name} after ${early} ms`);
    if (now.dueInMs < Number.POSITIVE_INFINITY)
      assert.ok(worse(after(now.dueInMs).name), `${now.name} when due`);
  });
  fc.assert(property, { numRuns: 3000 });
});
