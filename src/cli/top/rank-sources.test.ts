import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { describeSources, followGrowth } from "../../census/index.ts";
import { rankSources } from "./rank-sources.ts";
import { sketchedCensus } from "./testing/census.ts";
import { SORT_KEYS } from "./view-state.ts";

const LISTENER = [{ name: "a:1", port: 1 }];
const sketch = (source: string, silent: number, active: number) => ({
  source,
  listener: 0,
  conduct: { silent, active },
});

const before = followGrowth(
  null,
  sketchedCensus(LISTENER, [sketch("10.0.0.2", 0, 9), sketch("10.0.0.1", 0, 1)]),
  0,
);
const growth = followGrowth(
  before,
  sketchedCensus(LISTENER, [sketch("10.0.0.10", 3, 0), sketch("10.0.0.2", 0, 9), sketch("10.0.0.1", 1, 8)]),
  1000,
);

function ranked(sort: (typeof SORT_KEYS)[number], reversed = false): string[] {
  const rows = rankSources(growth, { sort, reversed, only: null }, 0, 10);
  return describeSources(growth, rows).map(({ source }) => source);
}

describe("rankSources()", () => {
  it("puts the largest first, and equal ones by address", () => {
    assert.deepEqual(ranked("connections"), ["10.0.0.1", "10.0.0.2", "10.0.0.10"]);
    assert.deepEqual(ranked("growth"), ["10.0.0.1", "10.0.0.10", "10.0.0.2"]);
    assert.deepEqual(ranked("silent"), ["10.0.0.10", "10.0.0.1", "10.0.0.2"]);
    assert.deepEqual(ranked("source"), ["10.0.0.1", "10.0.0.2", "10.0.0.10"]);
    assert.deepEqual(ranked("source", true), ["10.0.0.10", "10.0.0.2", "10.0.0.1"]);
  });

  it("gives any page of the whole order, with a filter too", () => {
    const many = fc.uniqueArray(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 80 });
    fc.assert(
      fc.property(
        many,
        fc.constantFrom(...SORT_KEYS),
        fc.boolean(),
        fc.nat(80),
        fc.nat(20),
        (hosts, sort, reversed, from, count) => {
          const held = hosts.map((n) => sketch(`10.0.${n >> 8}.${n & 255}`, n % 3, n % 5));
          const all = followGrowth(null, sketchedCensus(LISTENER, held), 0);
          const only = Uint8Array.from(hosts, (n) => n & 1);
          for (const filter of [null, only]) {
            const ranking = { sort, reversed, only: filter };
            const whole = rankSources(all, ranking, 0, hosts.length);
            assert.deepEqual(rankSources(all, ranking, from, count), whole.slice(from, from + count));
          }
        },
      ),
    );
  });
});
