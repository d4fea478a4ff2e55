import assert from "node:assert/strict";
import { test } from "node:test";
import { tableOf } from "../census/fakes.ts";
import { type FakeTcpInfo, fakeInfo } from "../linux/fakes.ts";
import { PROFILES, PROOFS, type ProfileName, type Proof } from "../model/index.ts";
import { exchangeRule, followExchanges } from "./exchanges.ts";
import { History } from "./history.ts";
import { proofOf, recall } from "./proof.ts";
import { defaultPolicy } from "./selected-listeners.ts";

/** Totals of one connection at one scan: bytes received in segments, bytes acknowledged in segments. */
type Scan = readonly [
  received: number,
  segments: number,
  acked: number,
  segmentsSent: number,
  more?: Partial<FakeTcpInfo>,
];

interface Story {
  readonly profile?: ProfileName;
  readonly tls?: boolean;
  /** The connection is older than the watch. */
  readonly before?: boolean;
  readonly scans: readonly Scan[];
}

/** The proof and the exchanges of a connection after scans a second apart. */
function tell({ profile = "sip", tls = false, before = false, scans }: Story): [Proof, number] {
  const history = new History();
  const policy = { ...defaultPolicy({ name: "test", port: 1 }), profile: PROFILES[profile] };
  const remembered = { exchanges: 0, flags: 0, heardForMs: 0 };
  let proof = -1;
  for (const [i, [received, segments, acked, segmentsSent, more]] of scans.entries()) {
    const info = fakeInfo({
      bytesReceived: BigInt(received),
      dataSegmentsReceived: segments,
      bytesAcked: BigInt(acked),
      dataSegmentsSent: segmentsSent,
      ...more,
    });
    const table = tableOf({ cookie: [7, 1], info });
    history.begin();
    const h = history.enter(7, 1);
    followExchanges(history, h, table, 0, exchangeRule(policy, tls), {
      nowMs: 1000 * i,
      first: before && i === 0,
    });
    recall(history, h, 1000 * i, remembered);
    proof = proofOf(table, 0, remembered, policy.profile);
  }
  return [PROOFS[proof]!, remembered.exchanges];
}

const OLD_KERNEL = { bytes: 136 };

const STORIES: readonly (readonly [title: string, proof: Proof, exchanges: number, story: Story])[] = [
  ["nothing", "fresh", 0, { scans: [[0, 0, 0, 0]] }],
  ["a request and its answer", "once", 1, { scans: [[420, 1, 380, 1]] }],
  [
    "a request, seen a scan before its answer",
    "once",
    1,
    {
      scans: [
        [420, 1, 0, 0],
        [420, 1, 380, 1],
      ],
    },
  ],
  ["a request in two segments", "once", 1, { scans: [[2000, 2, 380, 1]] }],
  [
    "a request that nobody answers",
    "once",
    0,
    {
      scans: [
        [420, 1, 0, 0],
        [420, 1, 0, 0],
      ],
    },
  ],
  ["a request, and its retransmission counted as a segment", "once", 1, { scans: [[420, 3, 380, 1]] }],
  ["a challenge and its answer within one scan", "proven", 2, { scans: [[1000, 2, 800, 2]] }],
  [
    "a challenge and its answer between two scans",
    "proven",
    2,
    {
      scans: [
        [0, 0, 0, 0],
        [1000, 2, 800, 2],
      ],
    },
  ],
  [
    "two requests in two scans",
    "proven",
    2,
    {
      scans: [
        [420, 1, 380, 1],
        [840, 2, 760, 2],
      ],
    },
  ],
  [
    "CRLFCRLF and CRLF, again and again",
    "pings",
    0,
    {
      scans: [
        [4, 1, 2, 1],
        [8, 2, 4, 2],
        [400, 100, 200, 100],
      ],
    },
  ],
  [
    "a hundred keep-alives between two scans",
    "pings",
    0,
    {
      scans: [
        [0, 0, 0, 0],
        [400, 100, 200, 100],
      ],
    },
  ],
  [
    "a request, then keep-alives",
    "kept",
    1,
    {
      scans: [
        [420, 1, 380, 1],
        [424, 2, 382, 2],
        [820, 101, 580, 101],
      ],
    },
  ],
  ["a request and a keep-alive in one scan", "kept", 1, { scans: [[424, 2, 382, 2]] }],
  [
    "a request, keep-alives, and a request",
    "proven",
    2,
    {
      scans: [
        [420, 1, 380, 1],
        [440, 6, 390, 6],
        [860, 7, 770, 7],
      ],
    },
  ],
  [
    "keep-alives that are not answered",
    "pings",
    0,
    {
      scans: [
        [4, 1, 0, 0],
        [8, 2, 0, 0],
      ],
    },
  ],
  [
    "a server's push, answered by a keep-alive",
    "kept",
    1,
    {
      scans: [
        [4, 1, 2, 1],
        [8, 2, 502, 2],
      ],
    },
  ],
  ["an old connection with one request", "once", 1, { before: true, scans: [[420, 1, 380, 1]] }],
  ["an old connection with keep-alives alone", "pings", 0, { before: true, scans: [[400, 100, 200, 100]] }],
  [
    "an old connection with one request and many keep-alives, or a few requests",
    "unknown",
    1,
    { before: true, scans: [[820, 101, 580, 101]] },
  ],
  ["an old connection with many requests", "proven", 9, { before: true, scans: [[3700, 9, 3000, 9]] }],
  [
    "an unknown one that talks on",
    "proven",
    2,
    {
      before: true,
      scans: [
        [820, 101, 580, 101],
        [1240, 102, 960, 102],
      ],
    },
  ],
  [
    "an unknown one that keeps itself alive",
    "unknown",
    1,
    {
      before: true,
      scans: [
        [820, 101, 580, 101],
        [824, 102, 582, 102],
      ],
    },
  ],
  ["MQTT: CONNECT", "once", 1, { profile: "mqtt", scans: [[14, 1, 4, 1]] }],
  [
    "MQTT: CONNECT and pings",
    "kept",
    1,
    {
      profile: "mqtt",
      scans: [
        [14, 1, 4, 1],
        [16, 2, 6, 2],
        [36, 12, 26, 12],
      ],
    },
  ],
  ["MQTT: CONNECT and SUBSCRIBE", "proven", 2, { profile: "mqtt", scans: [[25, 2, 9, 2]] }],
  [
    "MQTT: CONNECT and PUBLISH at QoS 0, never answered",
    "proven",
    2,
    {
      profile: "mqtt",
      scans: [
        [14, 1, 4, 1],
        [23, 2, 4, 1],
      ],
    },
  ],
  [
    "SIP: a request and words that are never answered",
    "kept",
    1,
    {
      scans: [
        [420, 1, 380, 1],
        [840, 2, 380, 1],
      ],
    },
  ],
  [
    "XMPP: whitespace, never answered",
    "kept",
    1,
    {
      profile: "xmpp",
      scans: [
        [180, 1, 300, 1],
        [181, 2, 300, 1],
      ],
    },
  ],
  ["a protocol that nobody knows: two messages", "proven", 2, { profile: "generic", scans: [[2, 2, 2, 2]] }],
  ["TLS: a handshake", "pings", 0, { tls: true, scans: [[700, 2, 4000, 3]] }],
  ["TLS: half a handshake", "pings", 0, { tls: true, scans: [[600, 1, 3000, 2]] }],
  [
    "TLS: a handshake, then a request",
    "once",
    1,
    {
      tls: true,
      scans: [
        [700, 2, 4000, 3],
        [1140, 3, 4400, 4],
      ],
    },
  ],
  ["TLS: a handshake and a request within one scan", "once", 1, { tls: true, scans: [[1140, 3, 4400, 4]] }],
  ["TLS: a handshake and keep-alives within one scan", "kept", 1, { tls: true, scans: [[1726, 5, 4072, 6]] }],
  [
    "TLS: an old handshake and keep-alives",
    "unknown",
    1,
    { tls: true, before: true, scans: [[1726, 5, 4072, 6]] },
  ],
  [
    "TLS: an old connection with ten requests",
    "proven",
    10,
    { tls: true, before: true, scans: [[6100, 12, 9000, 14]] },
  ],
  [
    "TLS: keep-alives while the session tickets come",
    "pings",
    0,
    {
      tls: true,
      scans: [
        [1648, 2, 2400, 1],
        [1726, 5, 3055, 5],
      ],
    },
  ],
  [
    "TLS: a handshake, then keep-alives",
    "pings",
    0,
    {
      tls: true,
      scans: [
        [700, 2, 4000, 3],
        [726, 3, 4024, 4],
        [960, 12, 4240, 13],
      ],
    },
  ],
  [
    "TLS: a handshake, a request, and keep-alives",
    "kept",
    1,
    {
      tls: true,
      scans: [
        [700, 2, 4000, 3],
        [1140, 3, 4400, 4],
        [1166, 4, 4424, 5],
      ],
    },
  ],
  [
    "TLS: a handshake and two requests",
    "proven",
    2,
    {
      tls: true,
      scans: [
        [700, 2, 4000, 3],
        [1140, 3, 4400, 4],
        [1580, 4, 4800, 5],
      ],
    },
  ],
  ["no segments counted: a request", "unknown", 1, { scans: [[420, 0, 380, 0, OLD_KERNEL]] }],
  [
    "no segments counted: two requests",
    "proven",
    2,
    {
      scans: [
        [420, 0, 380, 0, OLD_KERNEL],
        [840, 0, 760, 0, OLD_KERNEL],
      ],
    },
  ],
  ["no bytes counted", "unknown", 0, { scans: [[0, 0, 0, 0, { bytes: 104 }]] }],
  [
    "more bytes than 32 bits count",
    "proven",
    2,
    {
      scans: [
        [420, 1, 380, 1],
        [2 ** 32 + 840, 2, 2 ** 33 + 760, 2],
      ],
    },
  ],
];

for (const [title, proof, exchanges, story] of STORIES) {
  test(`${title}: ${proof}, ${exchanges} exchanges`, () => {
    assert.deepEqual(tell(story), [proof, exchanges]);
  });
}

test("exchanges do not wrap around", () => {
  const scans = Array.from({ length: 300 }, (_, i): Scan => [420 * (i + 1), i + 1, 380 * (i + 1), i + 1]);
  assert.deepEqual(tell({ scans }), ["proven", 255]);
});
