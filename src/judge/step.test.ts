import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { type Ban, formatNetwork, PROOFS, parseNetwork } from "../model/index.ts";
import {
  addresses,
  EMPTY,
  type FakeListener,
  type FakeSource,
  fakeCensus,
  known,
  NOW,
  OPTIONS,
} from "./fakes.ts";
import { type Judgement, type JudgeState, type StepOptions, step } from "./index.ts";

/** The state after a scan that found nobody. */
const SEEN: JudgeState = { ...EMPTY, steppedAt: NOW - 1000, pressures: new Map([["sip", "calm"]]) };

const HOARDER = "203.0.113.9";
const OFFICE = "192.0.2.10";

/** A plan in words short enough to compare: `ban 203.0.113.9`, `evict 203.0.113.9 54`. */
function decided({ plan }: Judgement): string[] {
  return plan.bans.map(({ kind, source }) => `${kind} ${formatNetwork(source)}`).sort();
}

/** How many connections of a source the evictions of a plan take. */
function evictedOf({ plan }: Judgement, { source, counts }: FakeSource): number {
  const left = { ...counts };
  let evicted = 0;
  for (const eviction of plan.evictions.filter(({ source: of }) => formatNetwork(of) === source)) {
    let max = eviction.max;
    for (const proof of eviction.proofs) {
      const take = Math.min(max, left[proof] ?? 0);
      left[proof] = (left[proof] ?? 0) - take;
      max -= take;
      evicted += take;
    }
  }
  return evicted;
}

interface Judged {
  readonly state?: JudgeState;
  readonly listeners?: readonly FakeListener[];
  readonly options?: StepOptions;
  readonly at?: number;
}

function judge(
  sources: readonly FakeSource[],
  { state = EMPTY, options = OPTIONS, ...place }: Judged = {},
): Judgement {
  return step(state, fakeCensus(sources, place), options);
}

/** Single phones, proven. */
const phones = (count: number): FakeSource[] =>
  addresses(count).map((source) => ({ source, counts: { proven: 1 } }));

describe("step() while there is room", () => {
  it("leaves young connections alone, however many: a whole office may reconnect at once", () => {
    const judged = judge([{ source: OFFICE, counts: { fresh: 200, once: 90, pings: 10 } }]);
    assert.deepEqual(judged.plan, { bans: [], evictions: [] });
    assert.equal(judged.pressures.get("sip"), "calm");
  });

  it("bans a source without merit that has more connections past their time than it may, and takes all it holds", () => {
    const hoarder = { source: HOARDER, counts: { mute: 21, fresh: 33 } };
    const judged = judge([hoarder, ...phones(5)]);
    assert.deepEqual(decided(judged), [`ban ${HOARDER}`]);
    assert.equal(evictedOf(judged, hoarder), 54);
    const [ban] = judged.plan.bans;
    assert.equal(ban!.until - ban!.since, 600_000);
    const [finding] = judged.findings;
    assert.deepEqual(finding!.numbers, { overdue: 21, held: 54, merits: 0, limit: 20, evicted: 54 });
  });

  it("lets a source have exactly as many as it may", () => {
    assert.deepEqual(judge([{ source: HOARDER, counts: { mute: 20 } }]).plan, { bans: [], evictions: [] });
  });

  it("evicts the unproven connections of an office with a hoarder in it, and caps it only when they come back", () => {
    const office = { source: OFFICE, counts: { proven: 300, mute: 40, once: 8 } };
    const first = judge([office]);
    assert.deepEqual(decided(first), []);
    assert.equal(evictedOf(first, office), 40);
    const second = judge([office], { state: first.state, at: NOW + 5000 });
    assert.deepEqual(decided(second), [`cap ${OFFICE}`]);
    assert.equal(evictedOf(second, office), 40);
  });

  it("never bans a source that has anything that honest clients have", () => {
    for (const merit of ["proven", "kept", "lapsed", "unknown", "faded"] as const) {
      const judged = judge([{ source: OFFICE, counts: { [merit]: 1, mute: 500 } }]);
      assert.deepEqual(decided(judged), [], merit);
    }
  });

  it("takes single connections that never spoke or are stuck, and blames nobody", () => {
    const source = { source: OFFICE, counts: { silent: 1, shut: 1, unanswered: 1, mute: 3, onceHeld: 1 } };
    const judged = judge([source]);
    assert.deepEqual(decided(judged), []);
    assert.equal(evictedOf(judged, source), 3);
  });

  it("holds dead connections against nobody: a carrier's phones can vanish all at once (H3)", () => {
    const carrier = { source: OFFICE, counts: { unanswered: 300 } };
    const mobiles = addresses(200, { neighbours: true }).map((source) => ({
      source,
      counts: { unanswered: 1 },
    }));
    const judged = judge([carrier, ...mobiles]);
    assert.deepEqual(decided(judged), []);
    assert.equal(evictedOf(judged, carrier), 300);
    for (const mobile of mobiles) assert.equal(evictedOf(judged, mobile), 1);
  });

  it("bans a network of many small hoarders, and spares it when anybody honest lives there", () => {
    const hoarders = addresses(30, { neighbours: true }).map((source) => ({ source, counts: { mute: 5 } }));
    assert.deepEqual(decided(judge(hoarders)), ["ban 198.51.100.0/24"]);
    const neighbour = { source: "198.51.100.200", counts: { proven: 1 } };
    const mixed = judge([...hoarders, neighbour]);
    assert.equal(mixed.plan.bans.length, 30);
    assert.ok(mixed.plan.bans.every(({ kind }) => kind === "cap"));
    assert.equal(evictedOf(mixed, neighbour), 0);
  });

  it("bans an IPv6 /56 of small hoarders", () => {
    const hoarders = Array.from({ length: 20 }, (_, i) => ({
      source: `2001:db8:0:${i.toString(16)}::/64`,
      counts: { mute: 5 },
    }));
    assert.deepEqual(decided(judge(hoarders)), ["ban 2001:db8::/56"]);
  });

  it("evicts what a banned source still holds, and does not ban it twice", () => {
    const first = judge([{ source: HOARDER, counts: { mute: 30 } }]);
    const still = { source: HOARDER, counts: { mute: 2 } };
    const second = judge([still], { state: first.state, at: NOW + 100 });
    assert.deepEqual(decided(second), []);
    assert.equal(evictedOf(second, still), 2);
  });

  it("doubles the term for a repeater, and forgets one ban a day", () => {
    const hoard = [{ source: HOARDER, counts: { mute: 30 } }];
    const first = judge(hoard);
    const second = judge(hoard, { state: first.state, at: NOW + 700_000 });
    const term = ({ plan }: Judgement): number => plan.bans[0]!.until - plan.bans[0]!.since;
    assert.equal(term(second), 1_200_000);
    const days = judge(hoard, { state: second.state, at: NOW + 5 * 24 * 3_600_000 });
    assert.equal(term(days), 600_000);
  });

  it("never blames a source for connections that the program leaks", () => {
    const leaks = [{ source: OFFICE, counts: { leaked: 900 } }];
    const judged = judge(leaks);
    assert.deepEqual(judged.plan, { bans: [], evictions: [] });
    assert.deepEqual(
      judged.findings.map(({ rule }) => rule),
      ["leaked"],
    );
    const agreed = judge([{ source: OFFICE, counts: { leaked: 1900 } }], {
      listeners: [{ policy: { evictLeaked: true } }],
    });
    assert.deepEqual(decided(agreed), []);
    assert.equal(agreed.plan.evictions.length, 1);
  });

  it("tells of a proxy, and neither bans nor caps it", () => {
    const proxy = { source: OFFICE, counts: { proven: 400, mute: 50 } };
    const state = known(OFFICE, 400);
    const first = judge([proxy, ...phones(20)], { state });
    assert.deepEqual(first.findings.map(({ rule }) => rule).sort(), ["proxied", "unproven-per-source"]);
    const second = judge([proxy, ...phones(20)], { state: first.state, at: NOW + 1000 });
    assert.deepEqual(decided(second), []);
    assert.equal(evictedOf(second, proxy), 50);
  });
});

describe("step() with strict limits", () => {
  const listeners = [{ limits: { connectionsPerSource: 60 } }];

  it("leaves alone an office that comes back all at once within its limit, however small that is", () => {
    for (const [limit, held] of [
      [60, 60],
      [5, 5],
      [1, 1],
    ] as const) {
      const office = { source: OFFICE, counts: { fresh: held } };
      const judged = judge([office], { listeners: [{ limits: { connectionsPerSource: limit } }] });
      assert.deepEqual(judged.plan, { bans: [], evictions: [] });
    }
  });

  it("bans a source with nearly as many overdue connections as the fence lets in, or with more of any age", () => {
    const over = { source: HOARDER, counts: { fresh: 61 } };
    assert.deepEqual(decided(judge([over], { listeners })), [`ban ${HOARDER}`]);
    const hoarder = { source: HOARDER, counts: { mute: 54 } };
    const judged = judge([hoarder], { listeners });
    assert.deepEqual(decided(judged), [`ban ${HOARDER}`]);
    assert.equal(evictedOf(judged, hoarder), 54);
  });

  it("cuts a mixed source to its limit, and never touches proven connections", () => {
    const office = { source: OFFICE, counts: { proven: 50, once: 20 } };
    const judged = judge([office], { listeners });
    assert.deepEqual(decided(judged), [`cap ${OFFICE}`]);
    assert.equal(evictedOf(judged, office), 10);
    const proven = { source: OFFICE, counts: { proven: 80 } };
    assert.equal(evictedOf(judge([proven], { listeners }), proven), 0);
  });

  it("gives an allowlisted source its own limit", () => {
    const allow = [{ network: parseNetwork("192.0.2.0/24")!, reason: "trunk", connectionsPerSource: 500 }];
    const options = { ...OPTIONS, exemptions: { allow, protected: [] } };
    assert.deepEqual(
      judge([{ source: OFFICE, counts: { once: 300, mute: 100 } }], { listeners, options }).plan.bans,
      [],
    );
    const over = { source: OFFICE, counts: { once: 400, mute: 150 } };
    const judged = judge([over], { listeners, options });
    assert.deepEqual(decided(judged), [`cap ${OFFICE}`]);
    assert.equal(evictedOf(judged, over), 50);
  });
});

describe("step() when slots are tight", () => {
  it("bans sources that rose without merit, whatever the age of their connections (A2, A3)", () => {
    const hoarders = [1, 2, 3].map((i) => ({ source: `203.0.113.${i * 16}`, counts: { once: 478 } }));
    const judged = judge([...hoarders, ...phones(50)]);
    assert.equal(judged.pressures.get("sip"), "tight");
    assert.deepEqual(decided(judged), hoarders.map(({ source }) => `ban ${source}`).sort());
    for (const hoarder of hoarders) assert.equal(evictedOf(judged, hoarder), 478);
    for (const phone of phones(50)) assert.equal(evictedOf(judged, phone), 0);
  });

  it("spares an office that is known for as many (H7)", () => {
    const office = { source: OFFICE, counts: { fresh: 250, once: 50 } };
    const judged = judge([office, ...phones(1300)], { state: known(OFFICE, 300) });
    assert.equal(judged.pressures.get("sip"), "tight");
    assert.deepEqual(decided(judged), []);
    assert.equal(evictedOf(judged, office), 0);
  });

  it("accepts large sources that look honest at the first scan, and not later (H2)", () => {
    const proxy = { source: OFFICE, counts: { proven: 948, kept: 652 } };
    assert.deepEqual(judge([proxy]).plan, { bans: [], evictions: [] });
    const later = SEEN;
    assert.deepEqual(decided(judge([proxy], { state: later })), [`cap ${OFFICE}`]);
  });

  it("brings a hoarder with one good connection back to its share, and caps it", () => {
    const hoarder = { source: HOARDER, counts: { kept: 1, fresh: 1400 } };
    const judged = judge([hoarder, ...phones(50)]);
    assert.deepEqual(decided(judged), [`cap ${HOARDER}`]);
    assert.equal(evictedOf(judged, hoarder), 1401 - (Math.floor(0.65 * 2048) - 50));
  });

  it("brings many medium hoarders back to their share, and no single phone (A5)", () => {
    const hoarders = addresses(200, { neighbours: true }).map((source) => ({ source, counts: { once: 8 } }));
    const judged = judge([...hoarders, { source: "198.51.100.251", counts: { proven: 1 } }, ...phones(50)]);
    assert.ok(hoarders.every((hoarder) => evictedOf(judged, hoarder) >= 2));
    for (const phone of phones(50)) assert.equal(evictedOf(judged, phone), 0);
  });
});

describe("step() when slots are critical", () => {
  const keepers = addresses(100).map((source) => ({ source, counts: { kept: 1 } }));

  it("sheds keep-alives that never register before any registered phone (A7)", () => {
    const pingers = Array.from({ length: 100 }, (_, i) => ({
      source: `172.${i}.0.1`,
      counts: { pings: 18 },
    }));
    const judged = judge([...pingers, ...keepers]);
    assert.equal(judged.pressures.get("sip"), "critical");
    for (const phone of keepers) assert.equal(evictedOf(judged, phone), 0);
    const left = 1900 - pingers.reduce((sum, pinger) => sum + evictedOf(judged, pinger), 0);
    assert.ok(left <= 0.85 * 2048, `${left} are left`);
  });

  it("keeps every single phone of a stampede of 2 000 after a restart (H7)", () => {
    const stampede = addresses(2000).map((source, i) => ({
      source,
      counts: i % 3 === 0 ? { fresh: 1 } : { once: 1 },
    }));
    const judged = judge(stampede);
    assert.equal(judged.pressures.get("sip"), "critical");
    assert.deepEqual(judged.plan, { bans: [], evictions: [] });
  });

  it("frees the slots of 400 sources with five each, while every honest phone stays (A4)", () => {
    const hoarders = Array.from({ length: 400 }, (_, i) => ({
      source: `172.${i >> 8}.${i & 255}.1`,
      counts: { fresh: 5 },
    }));
    const judged = judge([...hoarders, ...phones(45)]);
    const evicted = hoarders.reduce((sum, hoarder) => sum + evictedOf(judged, hoarder), 0);
    assert.ok(2045 - evicted <= 0.85 * 2048, `${evicted} evicted`);
    for (const phone of phones(45)) assert.equal(evictedOf(judged, phone), 0);
  });

  it("sheds nobody when proven connections alone fill the slots, and says so", () => {
    const judged = judge(phones(1950));
    assert.deepEqual(judged.plan, { bans: [], evictions: [] });
    assert.deepEqual(
      judged.findings.map(({ rule }) => rule),
      ["limit-too-low"],
    );
  });

  it("cuts one unknown source that crowds everybody out to its share, although it looks proven", () => {
    const crowd = { source: HOARDER, counts: { proven: 1900 } };
    const judged = judge([crowd, ...phones(100)], { state: SEEN });
    assert.deepEqual(decided(judged), [`cap ${HOARDER}`]);
    assert.equal(evictedOf(judged, crowd), 1900 - (Math.floor(0.85 * 2048) - 100));
    const proxy = judge([crowd, ...phones(100)], { state: known(HOARDER, 1900) });
    assert.deepEqual(decided(proxy), []);
    assert.equal(evictedOf(proxy, crowd), 0);
  });
});

describe("step() scans again", () => {
  it("before new connections can make it tight, but not because of them while there is room", () => {
    const { nextScan } = judge(phones(100));
    assert.equal(nextScan.opens, Math.ceil(0.7 * 2048) - 100);
    assert.equal(nextScan.at, Number.POSITIVE_INFINITY);
  });

  it("when as many connections were opened as a source may have unproven, and have had time to speak", () => {
    assert.deepEqual(judge(phones(100)).nextScan.aging, { opens: 21, afterMs: 5000 });
    const office = { source: OFFICE, counts: { proven: 10, once: 15 } };
    assert.deepEqual(judge([office]).nextScan.aging, { opens: 6, afterMs: 5000 });
  });

  it("when a source can pass its limit by time alone", () => {
    const dueAt = NOW + 2345;
    assert.equal(judge([{ source: HOARDER, counts: { fresh: 21 }, dueAt }]).nextScan.at, dueAt);
  });

  it("soon when slots are tight", () => {
    const { nextScan } = judge(phones(1500));
    assert.ok(nextScan.at <= NOW + 250);
    assert.ok(nextScan.opens <= (2048 - 1500) / 8);
  });
});

describe("step() as a function", () => {
  const source = fc.record({
    source: fc.oneof(
      fc.ipV4(),
      fc.integer({ min: 0, max: 65_535 }).map((i) => `2001:db8:0:${i.toString(16)}::`),
    ),
    counts: fc.record(
      Object.fromEntries(PROOFS.map((proof) => [proof, fc.oneof(fc.constant(0), fc.nat(400))])),
      {
        requiredKeys: [],
      },
    ) as fc.Arbitrary<FakeSource["counts"]>,
    listener: fc.constantFrom(0, 1),
  });
  const sources = fc.uniqueArray(source, {
    maxLength: 40,
    selector: ({ source: text, listener }) => `${listener} ${text}`,
  });
  const listeners = [{ name: "sip" }, { name: "tls", limits: { connectionsPerSource: 60 } }];

  it("gives the same answer to the same question, and changes nothing that it was given", () => {
    fc.assert(
      fc.property(sources, (given) => {
        const census = fakeCensus(given, { listeners });
        const before = structuredClone({ state: EMPTY, census });
        const first = step(EMPTY, census, OPTIONS);
        const second = step(EMPTY, census, OPTIONS);
        assert.deepEqual(second, first);
        assert.deepEqual({ state: EMPTY, census }, before);
      }),
      { numRuns: 150 },
    );
  });

  it("never touches an exempt source", () => {
    fc.assert(
      fc.property(sources, fc.nat(39), (given, chosen) => {
        if (given.length === 0) return;
        const exempt = parseNetwork(given[chosen % given.length]!.source)!;
        const options = { ...OPTIONS, exemptions: { allow: [], protected: [exempt] } };
        const { plan } = step(EMPTY, fakeCensus(given, { listeners }), options);
        const text = formatNetwork(exempt);
        const hit = (ban: Pick<Ban, "source">): boolean =>
          formatNetwork(ban.source).split("/")[0] === text.split("/")[0];
        assert.ok(!plan.bans.some(hit) && !plan.evictions.some(hit));
      }),
      { numRuns: 150 },
    );
  });

  it("never takes a proven connection while there are enough slots, and never bans a source that has one", () => {
    fc.assert(
      fc.property(sources, (given) => {
        const { plan } = step(
          EMPTY,
          fakeCensus(given, { listeners: listeners.map((l) => ({ ...l, slots: 1_000_000 })) }),
          OPTIONS,
        );
        const merits = new Set(
          given
            .filter(({ counts }) => (counts.proven ?? 0) > 0)
            .map(({ source: text, listener }) => `${listeners[listener!]!.name} ${text}`),
        );
        for (const { source: network, listener, kind } of plan.bans) {
          const [bare] = formatNetwork(network).split("/");
          assert.ok(kind === "cap" || !merits.has(`${listener} ${bare}`));
        }
        assert.ok(
          plan.evictions.every(({ source: network, listener, proofs }) => {
            const [bare] = formatNetwork(network).split("/");
            return !proofs.includes("proven") || !merits.has(`${listener} ${bare}`);
          }),
        );
      }),
      { numRuns: 150 },
    );
  });
});
