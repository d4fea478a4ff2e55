// Each cause with an observation that shows it and near misses that do not, and what holds for any observation.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
  CAUSES,
  type Cause,
  CONDUCTS,
  type ConductCounts,
  PROOFS,
  type ProofCounts,
  SLOTS_FROM,
} from "../model/index.ts";
import { diagnose } from "./diagnose.ts";
import type { HistoryPoint, ListenerObservation, Observation } from "./observation.ts";
import {
  conduct,
  type MadeUp,
  type MadeUpSource,
  observe,
  phones,
  source,
  sources,
} from "./testing/observation.ts";

const HOARDER = "203.0.113.77";
const hoarder = (
  accepted: Partial<ProofCounts>,
  grew = 0,
  more: Pick<MadeUpSource, "waiting" | "pingsBefore"> = {},
) => source({ source: HOARDER, accepted, grew, ...more });

interface Case {
  readonly title: string;
  readonly made: MadeUp;
  readonly verdict: Cause;
  /** What the first finding must say. */
  readonly says?: RegExp;
  /** Causes that must not be named at all. */
  readonly never?: readonly Cause[];
}

const CASES: Readonly<Record<string, readonly Case[]>> = {
  "single-source-hoard": [
    {
      title: "the account: 684 silent connections of one source among 306 others",
      made: { sources: [hoarder({ mute: 684 }, 34), ...phones(306)] },
      verdict: "single-source-hoard",
      says: /684 connections.*none has ever sent a byte/,
      never: ["organic-growth", "limit-too-low", "program-leak"],
    },
    {
      title: "one message each, then silence",
      made: { sources: [hoarder({ onceHeld: 300 }), ...phones(300)] },
      verdict: "single-source-hoard",
      says: /all said one thing and then fell silent/,
    },
    {
      title: "keep-alives and nothing else",
      made: { sources: [hoarder({ pingsHeld: 200 }), ...phones(300)] },
      verdict: "single-source-hoard",
    },
    {
      title: "keep-alives and nothing else, at both scans",
      made: { sources: [hoarder({ pings: 200 }, 0, { pingsBefore: 200 }), ...phones(300)] },
      verdict: "single-source-hoard",
      says: /sent keep-alives and nothing else/,
    },
    {
      title: "many things before anybody watched, and then silence on all of them",
      made: { sources: [hoarder({ faded: 300 }), ...phones(400)] },
      verdict: "single-source-hoard",
      says: /have all been quiet for longer than their protocol allows/,
    },
    {
      title: "not: an office in the middle of its TLS handshakes, on a server with room",
      made: { sources: [hoarder({ pings: 200 }, 200), ...phones(300)], descriptors: { soft: 65_536 } },
      verdict: "healthy",
      never: ["single-source-hoard"],
    },
    {
      title: "zero windows of one source",
      made: { sources: [hoarder({ shut: 200 }), ...phones(300)] },
      verdict: "single-source-hoard",
      says: /zero window/,
    },
    {
      title: "young connections of one source fill a tight server",
      made: { sources: [hoarder({ once: 700 }, 100), ...phones(200)] },
      verdict: "single-source-hoard",
    },
    {
      title: "a hoarder behind the address of an office: no ban",
      made: { sources: [hoarder({ mute: 400, proven: 40 }), ...phones(300)] },
      verdict: "single-source-hoard",
      says: /Do not ban 203\.0\.113\.77/,
    },
    {
      title: "the rest of the hoard waits in the queue of a process out of descriptors",
      made: {
        sources: [hoarder({ mute: 400 }, 0, { waiting: { mute: 174 } }), ...phones(20)],
        descriptors: { soft: 436, used: 436 },
        owner: { cpuShare: 0.9 },
        listener: { backlog: { used: 174, usedBefore: 170, limit: 1024 } },
      },
      verdict: "single-source-hoard",
      says: /out of descriptors \(436 of 436\); 174 connections wait.*spins at 90 %/,
      never: ["program-not-accepting"],
    },
    {
      title: "not: an office of 300 phones that talk",
      made: { sources: [hoarder({ proven: 300 }), ...phones(300)] },
      verdict: "healthy",
      says: /an office, a proxy or carrier NAT, no hoard/,
    },
    {
      title: "not: an office that registered a minute ago on a calm server",
      made: { sources: [hoarder({ once: 300 }, 300), ...phones(60)], descriptors: { soft: 65_536 } },
      verdict: "healthy",
    },
    {
      title: "not: an office that comes back after a restart of a server that is nearly full",
      made: { sources: [hoarder({ once: 300 }, 300), ...phones(400)], owner: { ageMs: 60_000 } },
      verdict: "healthy",
      never: ["single-source-hoard"],
    },
    {
      title: "not: a scanner with nineteen connections",
      made: { sources: [hoarder({ mute: 19 }), ...phones(300)] },
      verdict: "healthy",
      never: ["single-source-hoard"],
    },
  ],
  "distributed-hoard": [
    {
      title: "400 sources with five silent connections each",
      made: {
        sources: [...sources(400, () => ({ accepted: { mute: 5 } })), ...phones(300)],
        descriptors: { soft: 4096 },
      },
      verdict: "distributed-hoard",
      says: /A limit per address would have to be below 5/,
      never: ["single-source-hoard"],
    },
    {
      title: "three sources, one request each, then hold",
      made: {
        sources: [...sources(3, () => ({ accepted: { onceHeld: 200 } })), ...phones(100).slice(3)],
      },
      verdict: "distributed-hoard",
    },
    {
      title: "a thousand sources with one silent connection each",
      made: { sources: sources(1000, () => ({ accepted: { mute: 1 } })), descriptors: { soft: 4096 } },
      verdict: "distributed-hoard",
    },
    {
      title: "the server was restarted a minute ago and is full of them again",
      made: {
        sources: [...sources(3, () => ({ accepted: { once: 300 } })), ...phones(105).slice(3)],
        owner: { ageMs: 60_000 },
      },
      verdict: "distributed-hoard",
    },
    {
      title: "not: a full server a minute after its restart, a phone an address",
      made: { sources: sources(1008, () => ({ accepted: { once: 1 } })), owner: { ageMs: 60_000 } },
      verdict: "limit-too-low",
      never: ["distributed-hoard"],
    },
    {
      title: "not: thirty scanners on a busy server",
      made: { sources: [...sources(30, () => ({ accepted: { mute: 1 } })), ...phones(500).slice(30)] },
      verdict: "healthy",
    },
  ],
  "half-open-flood": [
    {
      title: "a thousand handshakes from as many addresses",
      made: {
        sources: [
          ...phones(300),
          ...sources(1000, () => ({ halfOpen: 1 })).map((one, i) => ({
            ...one,
            source: `10.${i >> 8}.0.${i & 255}`,
          })),
        ],
        rose: { "TcpExt.SyncookiesSent": 500 },
      },
      verdict: "half-open-flood",
      says: /Ban nobody/,
    },
    {
      title: "not: as many half-open as arrive in a second",
      made: {
        sources: [...phones(300), source({ source: "192.0.2.9", halfOpen: 90 })],
        rose: { "Tcp.PassiveOpens": 450 },
      },
      verdict: "healthy",
      never: ["half-open-flood"],
    },
  ],
  "program-leak": [
    {
      title: "600 in CLOSE_WAIT, all from one address",
      made: { sources: [hoarder({ leaked: 600 }), ...phones(300)] },
      verdict: "program-leak",
      says: /fault of kamailio/,
      never: ["single-source-hoard"],
    },
    {
      title: "not: a few that are about to be closed",
      made: { sources: [hoarder({ leaked: 15 }), ...phones(300)] },
      verdict: "healthy",
      never: ["program-leak"],
    },
    {
      title: "not: those that were not there a moment ago",
      made: {
        sources: [...phones(300), hoarder({ leaked: 200 })],
        listener: { conductBefore: conduct({ active: 300 }) },
      },
      verdict: "healthy",
      never: ["program-leak"],
    },
  ],
  "program-not-accepting": [
    {
      title: "a queue that stands while descriptors are free",
      made: {
        sources: [...phones(300), source({ source: "192.0.2.1", waiting: { once: 200 } })],
        listener: { backlog: { used: 200, usedBefore: 180, limit: 511 } },
      },
      verdict: "program-not-accepting",
      says: /blocked \(2 % of a core\).*710 descriptors free|has 710 descriptors free/,
    },
    {
      title: "a stopped process, with clients that never spoke because nobody answered",
      made: {
        sources: [...phones(100), ...sources(200, () => ({ waiting: { silent: 2 } }))],
        owner: { state: "T" },
        listener: { backlog: { used: 400, usedBefore: 400, limit: 511 } },
      },
      verdict: "program-not-accepting",
      says: /kill -CONT 812/,
      never: ["distributed-hoard"],
    },
    {
      title: "not: a few that are just arriving while hundreds a second are accepted",
      made: {
        sources: sources(900, (n) => ({ accepted: { proven: 1 }, grew: n <= 800 ? 1 : 0 })),
        listener: { backlog: { used: 30, usedBefore: 44, limit: 4096 } },
        descriptors: { soft: 65_536 },
        owner: { ageMs: 5000 },
        rose: { "Tcp.PassiveOpens": 800 },
      },
      verdict: "healthy",
      never: ["program-not-accepting"],
    },
    {
      title: "not: a queue that empties between the scans",
      made: { listener: { backlog: { used: 30, usedBefore: 0, limit: 511 } } },
      verdict: "healthy",
      never: ["program-not-accepting"],
    },
  ],
  "dead-peers": [
    {
      title: "not: clients of mqtt with a keep-alive of twenty minutes, which have said one thing so far",
      made: { sources: sources(300, () => ({ accepted: { once: 1 } })) },
      verdict: "healthy",
      never: ["dead-peers", "distributed-hoard"],
    },
    {
      title: "phones that answer nothing any more",
      made: {
        sources: [...sources(250, () => ({ accepted: { unanswered: 1 } })), ...phones(300).slice(250)],
      },
      verdict: "dead-peers",
      never: ["distributed-hoard"],
    },
    {
      title: "not: a handful of them",
      made: { sources: [...sources(9, () => ({ accepted: { unanswered: 1 } })), ...phones(300).slice(9)] },
      verdict: "healthy",
      never: ["dead-peers"],
    },
    {
      title: "not: quiet clients of a server with room to spare",
      made: { sources: sources(300, () => ({ accepted: { lapsed: 1 } })) },
      verdict: "healthy",
    },
  ],
  "organic-growth": [
    {
      title: "many honest sources, a connection each, and full in minutes",
      made: { sources: sources(800, (n) => ({ accepted: { proven: 1 }, grew: n <= 120 ? 1 : 0 })) },
      verdict: "organic-growth",
      never: ["single-source-hoard", "distributed-hoard"],
    },
    {
      title: "not: clients that come back after a restart",
      made: {
        sources: sources(600, (n) => ({ accepted: { proven: 1 }, grew: n <= 500 ? 1 : 0 })),
        owner: { ageMs: 10_000 },
      },
      verdict: "healthy",
      says: /its clients are coming back/,
      never: ["organic-growth"],
    },
    {
      title: "not: growth of a single source that talks",
      made: { sources: [hoarder({ proven: 400 }, 200), ...phones(200)] },
      verdict: "healthy",
      never: ["organic-growth"],
    },
  ],
  "limit-too-low": [
    {
      title: "honest phones fill 1 024 descriptors",
      made: {
        sources: phones(1008),
        descriptors: { used: 1022 },
        owner: {
          limitOrigin: {
            unit: "kamailio.service",
            unitLimit: null,
            pamLimit: { soft: 65_536, file: "/etc/security/limits.conf" },
          },
        },
      },
      verdict: "limit-too-low",
      says: /kamailio\.service sets no LimitNOFILE.*limits\.conf says 65 536, but only logins read it/,
    },
    {
      title: "the unit says more than is in force",
      made: {
        sources: phones(1008),
        owner: {
          limitOrigin: {
            unit: "kamailio.service",
            unitLimit: { soft: 65_536, file: "/etc/systemd/system/kamailio.service.d/limit.conf" },
            pamLimit: null,
          },
        },
      },
      verdict: "limit-too-low",
      says: /says 65 536: the process was started before that/,
    },
    {
      title: "the program's own limit, met by honest phones",
      made: {
        sources: phones(300),
        descriptors: { soft: 65_536 },
        programLimit: { connections: 300, where: "tcp_max_connections in kamailio.cfg" },
        rose: { "Tcp.PassiveOpens": 700 },
      },
      verdict: "limit-too-low",
      says: /Raise tcp_max_connections in kamailio\.cfg/,
    },
    {
      title: "the program's own limit, reached within what the slots keep in reserve",
      made: {
        sources: phones(1000),
        descriptors: { soft: 1024 },
        programLimit: { connections: 1000, where: "tcp_max_connections in kamailio.cfg" },
      },
      verdict: "limit-too-low",
      says: /Raise tcp_max_connections in kamailio\.cfg/,
    },
    {
      title: "an accept queue that overflows and empties",
      made: {
        rose: { "TcpExt.ListenOverflows": 80 },
        listener: { backlog: { used: 0, usedBefore: 0, limit: 8 } },
      },
      verdict: "limit-too-low",
      says: /net\.core\.somaxconn/,
    },
    {
      title: "all clients behind one proxy, which talk",
      made: { sources: [source({ source: "192.0.2.1", accepted: { proven: 1000 } })] },
      verdict: "limit-too-low",
      never: ["single-source-hoard"],
    },
  ],
  "machine-limit": [
    {
      title: "the machine's open files",
      made: { kernel: { openFiles: { used: 1010, limit: 1024 } } },
      verdict: "machine-limit",
      says: /fs\.file-max/,
    },
    {
      title: "the conntrack table",
      made: { kernel: { conntrack: { used: 65_000, limit: 65_536 } } },
      verdict: "machine-limit",
      says: /nf_conntrack_max/,
    },
    {
      title: "memory for TCP, by the kernel's own word",
      made: { rose: { "TcpExt.TCPAbortOnMemory": 4 } },
      verdict: "machine-limit",
      says: /tcp_mem/,
    },
    {
      title: "not: half a conntrack table",
      made: { kernel: { conntrack: { used: 30_000, limit: 65_536 } } },
      verdict: "healthy",
      never: ["machine-limit"],
    },
  ],
  churn: [
    {
      title: "500 connections a second that are gone at once",
      made: { rose: { "Tcp.PassiveOpens": 2500 } },
      verdict: "churn",
    },
    {
      title: "not: 500 a second that stay",
      made: {
        rose: { "Tcp.PassiveOpens": 2500 },
        sources: sources(2600, () => ({ accepted: { proven: 1 }, grew: 1 })),
        descriptors: { soft: 65_536 },
        owner: { ageMs: 5000 },
      },
      verdict: "healthy",
      never: ["churn"],
    },
    {
      title: "not: a few honest calls a second",
      made: { rose: { "Tcp.PassiveOpens": 250 } },
      verdict: "healthy",
      never: ["churn"],
    },
  ],
};

for (const [cause, cases] of Object.entries(CASES)) {
  describe(cause, () => {
    for (const { title, made, verdict, says, never = [] } of cases) {
      test(title, () => {
        const { findings, ...diagnosis } = diagnose(observe(made));
        const causes = findings.map(({ cause: named }) => named);
        assert.equal(diagnosis.verdict, verdict, JSON.stringify(findings, null, 2));
        const text = [...findings[0]!.evidence, ...findings[0]!.advice].join(" ");
        if (says !== undefined) assert.match(text, says);
        for (const wrong of never) assert.ok(!causes.includes(wrong), `names ${wrong}: ${causes}`);
      });
    }
  });
}

test("the source with most that nobody uses is the hoarder, not the one with most connections", () => {
  const made = {
    sources: [
      ...phones(100),
      source({ source: "192.0.2.20", accepted: { proven: 200, silent: 1 } }),
      hoarder({ silent: 150 }),
    ],
  };
  const [first] = diagnose(observe(made)).findings;
  assert.equal(first?.cause, "single-source-hoard");
  assert.match(first.evidence.join(), /203\.0\.113\.77 holds 150 connections/);
});

test("a keep-alive that was one at both scans is counted once, not as young as well", () => {
  const made = (pings: number): MadeUp => ({
    sources: [...phones(700), hoarder({ pings }, 0, { pingsBefore: pings })],
  });
  const [first] = diagnose(observe(made(150))).findings;
  assert.equal(first?.cause, "single-source-hoard");
  assert.match(first.evidence.join(), /holds 150 .* all sent keep-alives and nothing else/);
});

test("a server at the end of its descriptors is not said to be at a limit that its program sets", () => {
  const made = { sources: [...phones(300), hoarder({ silent: 672 })], descriptors: { soft: 1024 } };
  const told = JSON.stringify(diagnose(observe(made)).findings);
  assert.match(told, /672/);
  assert.doesNotMatch(told, /own limit of/);
});

test("the summary is the account in one breath", () => {
  const made = {
    sources: [hoarder({ mute: 684 }, 34), ...phones(268)],
    descriptors: { used: 966, soft: 1024 },
  };
  assert.equal(
    diagnose(observe(made)).summary,
    "kamailio (pid 812) holds 966 of 1 024 descriptors; 684 of its 952 connections belong to 203.0.113.77, " +
      "none has ever sent a byte; +6.8/s; full in 3s. Not growth, not a leak: one hoarder.",
  );
});

const week = (of: (day: number) => HistoryPoint): ReadonlyMap<string, readonly HistoryPoint[]> =>
  new Map([["kamailio:5060", [7, 6, 5, 4, 3, 2, 1].map(of)]]);

describe("with a week of history", () => {
  const users = { sources: phones(900), descriptors: { soft: 1200 } };

  test("users that grew sixfold, and sources with them, are growth (H4)", () => {
    const history = week((daysAgo) => {
      const many = Math.round(900 / 6 ** (daysAgo / 7));
      return { daysAgo, connections: many, sources: many, largestSource: 4 };
    });
    const { verdict, findings } = diagnose(observe({ ...users, observation: { history } }));
    assert.equal(verdict, "organic-growth");
    assert.match(
      findings[0]!.evidence.join(" "),
      /7 days ago kamailio:5060 had 150 connections from 150 sources/,
    );
    assert.match(findings[0]!.advice.join(" "), /LimitNOFILE=/);
  });

  test("the same number, jumped since yesterday and silent, is a hoard", () => {
    const history = week((daysAgo) => ({ daysAgo, connections: 150, sources: 150, largestSource: 4 }));
    const attacked = {
      ...users,
      sources: [...sources(150, () => ({ accepted: { mute: 5 } })), ...phones(150)],
    };
    assert.equal(diagnose(observe({ ...attacked, observation: { history } })).verdict, "distributed-hoard");
  });

  test("a jump since yesterday of sources that talk is not growth over days", () => {
    const history = week((daysAgo) => ({ daysAgo, connections: 150, sources: 150, largestSource: 4 }));
    const { findings } = diagnose(observe({ ...users, observation: { history } }));
    assert.ok(findings.every(({ cause }) => cause !== "organic-growth"));
  });
});

describe("several listeners", () => {
  const [calm] = observe().listeners as [ListenerObservation];
  const full = observe({ sources: phones(1008) }).listeners[0]!;

  test("the one nearest to exhaustion decides the headroom and the verdict", () => {
    const listeners = [{ ...calm, name: "sshd:22" }, full];
    const { verdict, listener, headroom } = diagnose({ ...observe(), listeners });
    assert.deepEqual([verdict, listener, headroom.slots], ["limit-too-low", "kamailio:5060", 972]);
  });

  test("every finding names its listener", () => {
    const hoard = observe({ sources: [hoarder({ mute: 500 }), ...phones(100)] }).listeners[0]!;
    const listeners = [full, { ...hoard, name: "mosquitto:1883" }];
    const { findings } = diagnose({ ...observe(), listeners });
    assert.deepEqual(
      findings.map(({ cause, listener }) => [cause, listener]),
      [
        ["limit-too-low", "kamailio:5060"],
        ["single-source-hoard", "mosquitto:1883"],
      ],
    );
  });

  test("a listener without connections is said to have none", () => {
    assert.match(diagnose(observe({ sources: [] })).summary, /nobody is connected/);
  });

  test("without any listener there is nothing to diagnose", () => {
    const { verdict, listener } = diagnose({ ...observe(), listeners: [] });
    assert.deepEqual([verdict, listener], ["healthy", null]);
  });
});

// Numbers that no kernel would give are among them: what is observed is not always consistent.
const anyCount = fc.oneof(fc.nat(3000), fc.constantFrom(0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e12));
const counts = <Name extends string>(names: readonly Name[]): fc.Arbitrary<Record<Name, number>> =>
  fc.record(Object.fromEntries(names.map((name) => [name, anyCount]))) as fc.Arbitrary<Record<Name, number>>;
const proofCounts: fc.Arbitrary<ProofCounts> = counts(PROOFS);
const conductCounts: fc.Arbitrary<ConductCounts> = counts(CONDUCTS);
const use = fc.option(fc.record({ used: anyCount, limit: anyCount }));
const fileLimit = fc.option(fc.record({ soft: anyCount, file: fc.string() }));
const anyHeadroom = fc.record({
  used: anyCount,
  slots: fc.option(anyCount),
  slotsFrom: fc.option(fc.constantFrom(...SLOTS_FROM)),
  slotsWhere: fc.option(fc.string()),
  perSecond: anyCount,
  secondsToFull: fc.option(anyCount),
});
const anyObservation: fc.Arbitrary<Observation> = fc.record({
  seconds: anyCount,
  listeners: fc.array(
    fc.record({
      name: fc.constantFrom("a:1", "b:2", "\u001b[2J:3"),
      port: fc.nat(65_535),
      owner: fc.option(
        fc.record({
          pid: fc.nat(),
          name: fc.option(fc.string()),
          descriptors: fc.option(
            fc.record({ used: anyCount, usedBefore: anyCount, soft: anyCount, hard: anyCount }),
          ),
          limitOrigin: fc.record({
            unit: fc.option(fc.string()),
            unitLimit: fileLimit,
            pamLimit: fileLimit,
          }),
          state: fc.option(fc.constantFrom("R", "S", "T")),
          ageMs: fc.option(anyCount),
          cpuShare: fc.option(anyCount),
        }),
      ),
      headroom: anyHeadroom,
      programLimit: fc.option(fc.record({ connections: anyCount, where: fc.string() })),
      connections: anyCount,
      connectionsBefore: anyCount,
      conduct: conductCounts,
      conductBefore: conductCounts,
      accepted: proofCounts,
      waiting: proofCounts,
      sources: fc.array(
        fc.record({
          source: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()),
          connections: anyCount,
          connectionsBefore: anyCount,
          halfOpen: anyCount,
          closing: anyCount,
          accepted: proofCounts,
          waiting: proofCounts,
          pingsBefore: anyCount,
        }),
        { maxLength: 5 },
      ),
      backlog: fc.record({ used: anyCount, usedBefore: anyCount, limit: anyCount }),
      normalSilenceMs: fc.option(anyCount),
    }),
    { maxLength: 3 },
  ),
  kernel: fc.record({
    rose: fc
      .dictionary(
        fc.constantFrom(
          "Tcp.PassiveOpens",
          "TcpExt.ListenOverflows",
          "TcpExt.SyncookiesSent",
          "TcpExt.TCPAbortOnMemory",
        ),
        anyCount,
      )
      .map((object) => new Map(Object.entries(object))),
    conntrack: use,
    openFiles: use,
    tcpMemory: use,
  }),
  history: fc.option(
    fc
      .array(
        fc.record({ daysAgo: anyCount, connections: anyCount, sources: anyCount, largestSource: anyCount }),
        { maxLength: 4 },
      )
      .map((points) => new Map([["a:1", points]])),
  ),
});

test("whatever is observed, diagnose() ranks known causes by confidences in 0..1, the verdict first", () => {
  fc.assert(
    fc.property(anyObservation, (observation) => {
      const { verdict, findings, summary } = diagnose(observation);
      assert.ok(findings.length > 0);
      assert.equal(verdict, findings[0]!.cause);
      assert.ok(summary.length > 0);
      for (const [i, { cause, confidence, evidence, advice }] of findings.entries()) {
        assert.ok(CAUSES.includes(cause));
        assert.ok(confidence >= 0 && confidence <= 1, `${cause} ${confidence}`);
        assert.ok(i === 0 || confidence <= findings[i - 1]!.confidence);
        assert.ok(evidence.length > 0 && advice.length > 0);
      }
    }),
    { numRuns: 300 },
  );
});
