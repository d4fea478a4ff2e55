import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { History, NEVER } from "./history.ts";

/** Few distinct words, so that cookies repeat and nearly repeat, and many, so that tables grow. */
const cookie = fc.tuple(
  fc.oneof(fc.nat(20), fc.integer({ min: 0, max: 0xffffffff })),
  fc.oneof(fc.nat(1), fc.integer({ min: 0, max: 0xffffffff })),
);
const scan = fc.uniqueArray(cookie, { maxLength: 300, selector: ([low, high]) => `${low} ${high}` });

test("a history keeps what was noted of every connection as a map would, over any scans", () => {
  fc.assert(
    fc.property(fc.array(scan, { minLength: 1, maxLength: 12 }), (scans) => {
      const history = new History();
      const expected = new Map<string, { exchanges: number; missed: number }>();
      for (const cookies of scans) {
        history.begin();
        for (const [key, known] of expected) if (++known.missed > 2) expected.delete(key);
        const rows = new Set<number>();
        for (const [low, high] of cookies) {
          const h = history.enter(low, high);
          assert.ok(!rows.has(h), "two connections never share a row");
          rows.add(h);
          const key = `${low} ${high}`;
          assert.equal(history.exchanges[h], expected.get(key)?.exchanges ?? 0, "nothing is lost or made up");
          assert.equal(history.seenAt[h] === NEVER, !expected.has(key), "new ones can be told");
          history.seenAt[h] = 1;
          history.exchanges[h]! += 1;
          expected.set(key, { exchanges: history.exchanges[h]!, missed: 0 });
        }
        assert.equal(history.length, expected.size);
      }
    }),
    { numRuns: 60 },
  );
});

test("a connection that one scan misses keeps its history, and one that two miss is forgotten", () => {
  const history = new History();
  const sees = (seen: boolean): number => {
    history.begin();
    if (!seen) return 0;
    const h = history.enter(1, 2);
    history.exchanges[h]! += 1;
    return history.exchanges[h]!;
  };
  assert.deepEqual([true, false, true, false, false, true].map(sees), [1, 0, 2, 0, 0, 1]);
});

test("a history stays as small as what is connected, however many connections come and go", () => {
  const history = new History();
  for (let round = 0; round < 200; round++) {
    history.begin();
    for (let i = 0; i < 500; i++) history.enter(round * 500 + i, 3);
    assert.ok(history.length <= 3 * 500);
  }
  assert.equal(history.dropped, 0);
});
