import assert from "node:assert/strict";
import { test } from "node:test";
import { SocketTable } from "../linux/index.ts";
import { type Eviction, PROOFS, parseNetwork } from "../model/index.ts";
import { Evictor, type RowDestroyer } from "./evictor.ts";

/** Destroys whatever it is asked to. */
const ALL: RowDestroyer = { destroyRows: (_, rows) => ({ destroyed: rows.length, refusal: null }) };

const SOURCE = parseNetwork("203.0.113.9")!;
const eviction = (max: number): Eviction => ({
  source: SOURCE,
  listener: null,
  proofs: PROOFS,
  max,
  rule: "overdue",
});

/** A scan of so many sockets of one source, each of which every eviction means until it is gone. */
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

test("a few a second are evicted at that rate, however often it is asked", () => {
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

test("under pressure a burst goes at once, and what does not fit is left", () => {
  const evictor = new Evictor({ sockets: held(25_000), destroyer: ALL });
  const { evicted, postponed } = evictor.carryOut([eviction(25_000)], {
    pressed: true,
    perSecond: 10,
    nowMs: 0,
    observes: false,
  });
  assert.deepEqual([evicted[0]!.count, postponed], [20_000, 5000]);
});
