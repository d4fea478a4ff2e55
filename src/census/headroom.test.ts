import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SlotUse } from "../model/index.ts";
import { headroomOf, ratesPerSecond } from "./headroom.ts";

const use = (used: number, slots: number | null): SlotUse => ({
  used,
  slots,
  slotsFrom: slots === null ? null : "program",
  slotsWhere: slots === null ? null : "max_connections in m.conf",
});

describe("headroomOf()", () => {
  for (const [title, used, slots, perSecond, secondsToFull] of [
    ["fills at its rate", 400, 500, 20, 5],
    ["is full at once", 500, 500, 20, 0],
    ["and beyond", 520, 500, undefined, 0],
    ["does not fill while nothing grows", 400, 500, 0, null],
    ["nor while it empties", 400, 500, -3, null],
    ["nor by less than one connection in 20 s", 400, 500, 0.04, null],
    ["is not known to fill before there is a rate", 400, 500, undefined, null],
    ["nor where nobody knows the slots", 400, null, 20, null],
  ] as const) {
    it(title, () => {
      const expected = { ...use(used, slots), perSecond: perSecond ?? 0, secondsToFull };
      assert.deepEqual(headroomOf(use(used, slots), perSecond), expected);
    });
  }
});

describe("ratesPerSecond()", () => {
  it("knows the rate of what was there before", () => {
    const now = new Map([
      ["sip", 30],
      ["tls", 5],
    ]);
    assert.deepEqual([...ratesPerSecond(new Map([["sip", 10]]), now, 4)], [["sip", 5]]);
    assert.equal(ratesPerSecond(undefined, now, 4).size, 0);
    assert.equal(ratesPerSecond(now, now, 0).size, 0);
  });
});
