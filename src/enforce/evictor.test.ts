import assert from "node:assert/strict";
import { test } from "node:test";
import { NetlinkError, SocketTable } from "../linux/index.ts";
import { type Eviction, PROOFS, parseNetwork } from "../model/index.ts";
import { Evictor, type RowDestroyer } from "./evictor.ts";

/** A destroyer that never fails. */
const ALL: RowDestroyer = { destroyRows: (_, rows) => ({ destroyed: rows.length, refusal: null }) };

const SOURCE = parseNetwork("203.0.113.9")!;
const eviction = (max: number): Eviction => ({
  source: SOURCE,
  listener: null,
  proofs: PROOFS,
  max,
  rule: "overdue",
});

/** A scan of `sockets` sockets of one source. Every eviction means all of them until they are gone. */
function held(sockets: number) {
  const left = new Set(Array.from({ length: sockets }, (_, row) => row));
  return {
    table: new SocketTable(),
    select: ({ max }: Eviction) => Uint32Array.from([...left].slice(0, max)),
    evicted: (rows: Uint32Array) => {
      for (const row of rows) left.delete(row);
    },
  };
}

test("in calm the rate holds, however often evictions are asked for", () => {
  const evictor = new Evictor({ sockets: held(1000), destroyer: ALL });
  let evicted = 0;
  for (let nowMs = 0; nowMs <= 10_000; nowMs += 20) {
    const result = evictor.carryOut([eviction(1000)], {
      pressed: false,
      perSecond: 10,
      nowMs,
      observes: true,
    });
    evicted += result.evicted.reduce((sum, { count }) => sum + count, 0);
  }
  assert.ok(evicted >= 105 && evicted <= 111, String(evicted));
});

test("two evictions of one source mean different connections", () => {
  const evictor = new Evictor({ sockets: held(50), destroyer: ALL });
  const round = { pressed: true, perSecond: 10, nowMs: 0, observes: false };
  const { evicted } = evictor.carryOut([eviction(30), eviction(15), eviction(30)], round);
  assert.deepEqual(
    evicted.map(({ count }) => count),
    [30, 15, 5],
  );
});

test("under pressure a burst goes at once, and the rest is left", () => {
  const evictor = new Evictor({ sockets: held(25_000), destroyer: ALL });
  const { evicted, postponed } = evictor.carryOut([eviction(25_000)], {
    pressed: true,
    perSecond: 10,
    nowMs: 0,
    observes: false,
  });
  assert.deepEqual([evicted[0]!.count, postponed], [20_000, 5000]);
});

test("in observe nothing is destroyed, and each connection that would have been is counted once", () => {
  const destroyer: RowDestroyer = {
    destroyRows: () => {
      throw new Error("asked to destroy");
    },
  };
  const evictor = new Evictor({ sockets: held(10), destroyer });
  const round = { pressed: true, perSecond: 10, nowMs: 0, observes: true };
  const { evicted } = evictor.carryOut([eviction(6), eviction(6)], round);
  assert.deepEqual(
    evicted.map(({ count }) => count),
    [6, 4],
  );
});

test("a connection that was gone before is not counted; a refusal of all is thrown", () => {
  const refusal = new NetlinkError("refused", "destroy a TCP socket", "no such thing");
  const answers = [
    { destroyed: 3, refusal: null },
    { destroyed: 2, refusal },
    { destroyed: 0, refusal: null },
    { destroyed: 0, refusal },
  ];
  const asked: number[] = [];
  const destroyer: RowDestroyer = {
    destroyRows: (_, rows) => {
      asked.push(rows.length);
      return answers.shift()!;
    },
  };
  const evictor = new Evictor({ sockets: held(40), destroyer });
  const round = { pressed: true, perSecond: 10, nowMs: 0, observes: false };
  const counts = evictor
    .carryOut([eviction(5), eviction(5), eviction(5)], round)
    .evicted.map(({ count }) => count);
  assert.deepEqual(counts, [3, 2], "one of which nothing was left is no eviction");
  assert.throws(() => evictor.carryOut([eviction(5)], round), /no such thing/);
  assert.deepEqual(asked, [5, 5, 5, 5]);
});

test("a clock that was set back gives no extra evictions, and does not stop them for ever", () => {
  const evictor = new Evictor({ sockets: held(1000), destroyer: ALL });
  const at = (nowMs: number): number => {
    const round = { pressed: false, perSecond: 10, nowMs, observes: false };
    return evictor.carryOut([eviction(1000)], round).evicted.reduce((sum, { count }) => sum + count, 0);
  };
  assert.deepEqual([at(100_000), at(50_000), at(50_500), at(51_500)], [10, 0, 5, 10]);
});

test("the allowance of a quiet time is one second's worth, and a burst under pressure uses none of it", () => {
  const evictor = new Evictor({ sockets: held(1000), destroyer: ALL });
  const at = (nowMs: number, pressed: boolean): number => {
    const round = { pressed, perSecond: 10, nowMs, observes: false };
    return evictor
      .carryOut([eviction(pressed ? 200 : 500)], round)
      .evicted.reduce((sum, { count }) => sum + count, 0);
  };
  assert.deepEqual([at(0, false), at(60_000, false)], [10, 10]);
  assert.deepEqual([at(61_000, true), at(61_000, false)], [200, 10]);
});
