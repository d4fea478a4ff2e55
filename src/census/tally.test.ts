import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SOURCE_WORDS } from "../model/index.ts";
import { CONDUCT_COUNT, Tally, type TallyRows } from "./tally.ts";

const word = fc.integer({ min: 0, max: 0xffffffff });
/** Few distinct words, so that keys repeat and nearly repeat. */
const near = fc.constantFrom(0, 1, 2, 0xffff0000, 0xffffffff);
const connection = fc.record({
  listener: fc.nat(3),
  source: fc.oneof(fc.tuple(near, near, near, near), fc.tuple(word, word, word, word)),
  conduct: fc.nat(CONDUCT_COUNT - 1),
});

function keyed(rows: TallyRows): Map<string, number[]> {
  const entries = Array.from({ length: rows.length }, (_, row): [string, number[]] => {
    const source = rows.source.slice(SOURCE_WORDS * row, SOURCE_WORDS * (row + 1));
    const counts = rows.counts.slice(CONDUCT_COUNT * row, CONDUCT_COUNT * (row + 1));
    return [`${rows.listener[row]} ${source.join()}`, [...counts]];
  });
  assert.equal(new Map(entries).size, rows.length, "every key has one row");
  return new Map(entries);
}

test("a tally counts as a plain map does, for any keys, connections and hash key", () => {
  fc.assert(
    fc.property(fc.array(connection, { maxLength: 2000 }), fc.integer(), (connections, key) => {
      const tally = new Tally(key);
      const expected = new Map<string, number[]>();
      for (const { listener, source, conduct } of connections) {
        tally.add(listener, Uint32Array.from(source), 0, conduct);
        const name = `${listener} ${source.join()}`;
        const counts = expected.get(name) ?? new Array<number>(CONDUCT_COUNT).fill(0);
        counts[conduct]!++;
        expected.set(name, counts);
      }
      assert.deepEqual(keyed(tally.rows()), expected);
    }),
    { numRuns: 60 },
  );
});

test("a tally grows past any number of sources and forgets them all", () => {
  const tally = new Tally(1);
  const source = new Uint32Array(SOURCE_WORDS);
  for (let round = 0; round < 2; round++) {
    for (let i = 0; i < 50_000; i++) {
      source[3] = i;
      tally.add(0, source, 0, 0);
    }
    const rows = tally.rows();
    assert.equal(rows.length, 50_000);
    assert.equal(
      rows.counts.reduce((sum, n) => sum + n, 0),
      50_000,
    );
    tally.clear();
    assert.equal(tally.rows().length, 0);
  }
});

test("rows() stays as it was when the tally goes on", () => {
  const tally = new Tally(1);
  const source = new Uint32Array(SOURCE_WORDS);
  tally.add(0, source, 0, 2);
  const before = tally.rows();
  tally.add(0, source, 0, 2);
  assert.equal(before.counts[2], 1);
  assert.equal(tally.rows().counts[2], 2);
});
