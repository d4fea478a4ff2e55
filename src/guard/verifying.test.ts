import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AT_REST, type Verified, type Verifying, verifyEvictions } from "./verifying.ts";

/** Verifies scan after scan, each when it is due. `found` says whether banned sources held anything. */
function play(found: readonly boolean[]): {
  readonly states: Verifying[];
  readonly tells: Verified["tells"][];
} {
  const states: Verifying[] = [];
  const tells: Verified["tells"][] = [];
  let state = AT_REST;
  for (const bannedHold of found) {
    const nowMs = Number.isFinite(state.dueMs) ? state.dueMs : 0;
    const verified = verifyEvictions(state, { nowMs, evicts: true, bannedHold });
    state = verified.next;
    states.push(state);
    tells.push(verified.tells);
  }
  return { states, tells };
}

test("without an eviction there is nothing to verify", () => {
  assert.deepEqual(verifyEvictions(AT_REST, { nowMs: 7, evicts: false, bannedHold: false }), {
    next: AT_REST,
    tells: null,
  });
});

test("an eviction is verified 50 ms later, and that ends it if the connections are gone", () => {
  const { next, tells } = verifyEvictions(AT_REST, { nowMs: 1000, evicts: true, bannedHold: false });
  assert.deepEqual([next.dueMs, next.inVain, tells], [1050, 0, null]);
  assert.deepEqual(verifyEvictions(next, { nowMs: 1050, evicts: false, bannedHold: false }).next, AT_REST);
});

test("five scans in a row that find banned sources with connections are told once", () => {
  const { tells } = play(Array.from({ length: 12 }, () => true));
  assert.deepEqual(
    tells.flatMap((tell, i) => (tell === null ? [] : [`${i + 1} ${tell}`])),
    ["5 in-vain"],
  );
});

test("from then on each wait is twice the last, up to 800 ms", () => {
  const { states } = play(Array.from({ length: 12 }, () => true));
  const waits = states.map(({ dueMs }, i) => dueMs - (states[i - 1]?.dueMs ?? 0));
  assert.deepEqual(waits, [50, 50, 50, 50, 100, 200, 400, 800, 800, 800, 800, 800]);
});

test("one scan that finds banned sources empty begins anew, and tells so if the fault was told", () => {
  const four = [true, true, true, true];
  assert.deepEqual(
    play([...four, false, ...four]).tells.filter((tell) => tell !== null),
    [],
  );
  const { states, tells } = play([...four, true, false]);
  assert.equal(tells.at(-1), "well");
  assert.equal(states.at(-1)!.dueMs - states.at(-2)!.dueMs, 50);
});

test("faults and recoveries are told in turns, and a wait lasts 50 to 800 ms, whatever happens", () => {
  const scans = fc.array(fc.record({ evicts: fc.boolean(), bannedHold: fc.boolean() }), { maxLength: 60 });
  fc.assert(
    fc.property(scans, (all) => {
      let state = AT_REST;
      const told: string[] = [];
      for (const [i, scan] of all.entries()) {
        const nowMs = 1000 * i;
        const { next, tells } = verifyEvictions(state, { nowMs, ...scan });
        if (tells !== null) told.push(tells);
        const waitMs = next.dueMs - nowMs;
        assert.equal(Number.isFinite(waitMs), scan.evicts);
        if (scan.evicts) assert.ok(waitMs >= 50 && waitMs <= 800, String(waitMs));
        state = next;
      }
      assert.ok(told.every((tell, i) => tell === (i % 2 === 0 ? "in-vain" : "well")));
      assert.equal(state.told, told.length % 2 === 1);
    }),
  );
});
