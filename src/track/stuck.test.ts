// Goal: a peer is never called stuck for longer than since the first byte that went unacknowledged, whatever the kernel's
// clocks say, and in time once it is. Way: the rows of one connection as a kernel would tell them, scan after scan.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { tableOf } from "../census/fakes.ts";
import { NOT_STUCK } from "../census/index.ts";
import { fakeInfo } from "../linux/fakes.ts";
import { History, msBetween, ticksOf } from "./history.ts";
import { followStuck } from "./stuck.ts";

const Timer = { NONE: 0, RETRANSMIT: 1, KEEPALIVE: 2, WINDOW_PROBE: 4 } as const;

interface Seen {
  readonly atMs: number;
  readonly timer: number;
  readonly tries?: number;
  readonly doublings?: number;
  readonly rto?: number;
  readonly acked?: number;
  readonly lastAckMs?: number;
}

/** For how long it is stuck at each scan. */
function follow(scans: readonly Seen[]): number[] {
  const history = new History();
  return scans.map(
    ({ atMs, timer, tries = 0, doublings = 0, rto = 200, acked = 1000, lastAckMs = 60_000 }) => {
      const info = fakeInfo({
        bytesReceived: 9n,
        bytesSent: BigInt(acked),
        bytesAcked: BigInt(acked),
        backoff: doublings,
        rto,
        lastAckReceived: lastAckMs,
        lastDataSent: lastAckMs,
      });
      history.begin();
      const table = tableOf({ cookie: [7, 1], timer, retrans: tries, info });
      return followStuck(history, history.enter(7, 1), table, 0, atMs);
    },
  );
}

const resent = (atMs: number, tries: number, more: Partial<Seen> = {}): Seen => ({
  atMs,
  timer: Timer.RETRANSMIT,
  tries,
  doublings: tries,
  rto: 200 * 2 ** tries,
  ...more,
});

/** A tick late rather than early, twice. */
const near = (found: number, expected: number): void =>
  assert.ok(found <= expected && found >= expected - 200, `${found} ms, not ${expected}`);

test("a peer that was quiet for a minute is stuck since its first lost packet, not for a minute", () => {
  const [first, second, third] = follow([resent(100_000, 1), resent(100_500, 2), resent(101_300, 3)]);
  near(first!, 200);
  near(second!, 700);
  near(third!, 1500);
});

test("the first scan knows what the doublings prove, and later ones add the time between", () => {
  const [first, second] = follow([resent(100_000, 7), resent(110_000, 7)]);
  assert.equal(first, 25_400);
  near(second!, 35_400);
});

test("any byte acknowledged begins anew", () => {
  const scans = [
    resent(100_000, 8),
    resent(130_000, 1, { acked: 1001 }),
    resent(131_000, 2, { acked: 1001 }),
  ];
  const [before, after, later] = follow(scans);
  assert.equal(before, 51_000);
  near(after!, 200);
  near(later!, 1200);
});

test("a scan that finds the kernel at rest ends it", () => {
  const scans = [resent(100_000, 8), { atMs: 101_000, timer: Timer.NONE }, resent(102_000, 1)];
  const [, rest, after] = follow(scans);
  assert.equal(rest, NOT_STUCK);
  near(after!, 200);
});

test("data sent and not sent again yet is on its way", () => {
  assert.deepEqual(follow([{ atMs: 100_000, timer: Timer.RETRANSMIT }]), [NOT_STUCK]);
});

test("a closed window counts from its closing, although every probe is acknowledged", () => {
  const shut = (atMs: number, doublings: number): Seen => ({
    atMs,
    timer: Timer.WINDOW_PROBE,
    doublings,
    lastAckMs: 100,
  });
  const [first, second, third] = follow([shut(100_000, 0), shut(102_000, 3), shut(140_000, 6)]);
  near(first!, 0);
  near(second!, 2000);
  near(third!, 40_000);
});

test("a peer that answers a keepalive probe is alive, and the next unanswered one begins anew", () => {
  const probed = (atMs: number, tries: number, lastAckMs: number): Seen => ({
    atMs,
    timer: Timer.KEEPALIVE,
    tries,
    lastAckMs,
  });
  const [first, second, third] = follow([
    probed(100_000, 1, 7_200_000),
    probed(130_000, 3, 7_230_000),
    probed(150_000, 1, 11_000),
  ]);
  near(first!, 0);
  near(second!, 30_000);
  near(third!, 0);
});

test("a kernel that counts no bytes tells progress by its last acknowledgement", () => {
  const history = new History();
  const at = (nowMs: number, lastAckReceived: number): number => {
    const info = fakeInfo({ bytes: 104, backoff: 1, rto: 400, lastAckReceived });
    history.begin();
    const table = tableOf({ cookie: [7, 1], timer: Timer.RETRANSMIT, retrans: 1, info });
    return followStuck(history, history.enter(7, 1), table, 0, nowMs);
  };
  at(100_000, 60_000);
  near(at(110_000, 70_000), 10_200);
  near(at(120_000, 1000), 200);
});

// A peer is cut off at a moment; the kernel sends again after rto, 2 rto, 4 rto, ...; scans come whenever they come.
test("whenever the scans are, nobody is stuck for longer than since the cut, and at the latest as long as seen", () => {
  const gaps = fc.array(fc.integer({ min: 20, max: 70_000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(gaps, fc.integer({ min: 200, max: 3000 }), fc.nat(100_000), (waits, rto, quietMs) => {
      const cutMs = 1_000_000;
      let atMs = cutMs;
      let sinceSeenMs: number | null = null;
      const scans: Seen[] = [];
      const bounds: { readonly least: number; readonly most: number }[] = [];
      for (const wait of waits) {
        atMs += wait;
        let tries = 0;
        while (rto * (2 ** (tries + 1) - 1) <= atMs - cutMs && tries < 8) tries++;
        scans.push(resent(atMs, tries, { rto: rto * 2 ** tries, lastAckMs: quietMs + atMs - cutMs }));
        if (tries > 0) sinceSeenMs ??= atMs;
        const seenForMs = sinceSeenMs === null ? NOT_STUCK : atMs - sinceSeenMs - 200;
        bounds.push({ least: Math.max(NOT_STUCK, seenForMs), most: atMs - cutMs });
      }
      for (const [i, found] of follow(scans).entries()) {
        assert.ok(found <= bounds[i]!.most && found >= bounds[i]!.least, `${found} at scan ${i}`);
      }
    }),
  );
});

test("ticks say less than the time that has passed, never more", () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.nat(1_000_000), (fromMs, forMs) => {
      assert.ok(msBetween(ticksOf(fromMs) + 1, ticksOf(fromMs + forMs)) <= forMs);
    }),
  );
});
