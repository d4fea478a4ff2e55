import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fairShare, takeFairly } from "./share.ts";

test("fairShare() gives small holders what they ask for, and all others the same", () => {
  assert.equal(fairShare([1, 1, 1, 1000], 103), 100);
  assert.equal(fairShare([500, 500], 600), 300);
  assert.equal(fairShare([2, 3], 100), Number.POSITIVE_INFINITY);
  assert.equal(fairShare([], 0), Number.POSITIVE_INFINITY);
  assert.equal(fairShare([5, 5], -3), 0);
});

test("takeFairly() takes exactly what is needed, from the largest first", () => {
  const holdings = [
    { held: 10, available: 10 },
    { held: 100, available: 100 },
    { held: 60, available: 5 },
  ];
  assert.deepEqual(takeFairly(holdings, 20), [0, 20, 0]);
  assert.deepEqual(takeFairly(holdings, 1000), [10, 100, 5]);
});

test("takeFairly() never takes more than there is or is needed, and leaves nobody poorer than a level that others exceed", () => {
  const holding = fc
    .nat(200)
    .chain((held) => fc.record({ held: fc.constant(held), available: fc.nat(held) }));
  fc.assert(
    fc.property(fc.array(holding, { maxLength: 30 }), fc.nat(2000), (holdings, need) => {
      const takes = takeFairly(holdings, need);
      const all = holdings.reduce((sum, { available }) => sum + available, 0);
      assert.equal(
        takes.reduce((sum, take) => sum + take, 0),
        Math.min(need, all),
      );
      const leftOf = (i: number): number => holdings[i]!.held - takes[i]!;
      for (const [i, take] of takes.entries()) {
        assert.ok(take >= 0 && take <= holdings[i]!.available);
        if (take === 0) continue;
        // A holder with something left to give is at most one above any that gave.
        for (const [j, { available }] of holdings.entries()) {
          if (takes[j]! < available) assert.ok(leftOf(j) <= leftOf(i) + 1);
        }
      }
    }),
  );
});
