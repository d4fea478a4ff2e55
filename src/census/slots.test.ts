import assert from "node:assert/strict";
import { test } from "node:test";
import { capacityOf, OtherDescriptors, ownerOf, slotsOf } from "./slots.ts";

const process = (pid: number, fdUsed: number | null, fdLimit: number | null = 1024) => ({
  pid,
  name: "test",
  fdUsed,
  fdLimit,
});

test("the owner is the process with the most descriptors, the oldest of equals", () => {
  assert.equal(ownerOf([process(1, 9), process(2, 700), process(3, 700), process(4, null)])?.pid, 2);
  assert.equal(ownerOf([process(1, null)]), null);
  assert.equal(ownerOf([]), null);
});

const CASES: readonly (readonly [
  title: string,
  fdUsed: number,
  limit: number,
  accepted: number,
  capacity: number,
])[] = [
  ["32 at least are kept back", 40, 500, 10, 500 - 32],
  ["5 % of the limit are kept back", 50, 20_000, 10, 19_000],
  ["as many as are no connections are kept back", 500, 1024, 100, 1024 - 400],
  ["a limit below the reserve has no slots", 10, 20, 0, 0],
  [
    "four workers with a quarter of the connections each hold four times as much",
    500,
    1024,
    2000,
    4 * (1024 - 52),
  ],
];

for (const [title, fdUsed, limit, accepted, capacity] of CASES) {
  test(`capacity: ${title}`, () => {
    assert.equal(capacityOf(process(1, fdUsed, limit), { accepted }), capacity);
  });
}

test("capacity is unknown where the owner cannot be read or has no limit", () => {
  assert.equal(capacityOf(null, { accepted: 1 }), null);
  assert.equal(capacityOf(process(1, 9, null), { accepted: 1 }), null);
  assert.equal(capacityOf(process(1, 9, Number.POSITIVE_INFINITY), { accepted: 1 }), null);
});

test("slots are the lower of capacity and what is configured", () => {
  assert.deepEqual(
    [slotsOf(900, 2048), slotsOf(9000, 2048), slotsOf(null, 2048), slotsOf(900, null), slotsOf(null, null)],
    [900, 2048, 2048, 900, null],
  );
});

test("descriptors of connections that were evicted a moment ago take no slots from the others", () => {
  const others = new OtherDescriptors();
  const at = (nowMs: number, fdUsed: number, accepted: number): number => {
    others.begin();
    return others.of(process(1, fdUsed), accepted, nowMs);
  };
  assert.equal(at(0, 3830, 3800), 30);
  assert.equal(at(50, 3830, 1000), 30, "the program has closed none of 2 800");
  assert.equal(at(100, 2000, 1000), 30, "and now some");
  assert.equal(at(150, 1030, 1000), 30);
  assert.equal(at(200, 4330, 1000), 530, "more than there ever were connections");
  assert.equal(at(20_000, 3830, 1000), 2830, "nobody takes that long to close");
  assert.equal(others.of(process(1, 0), 0, 20_000), 2830, "once a scan");
});
