import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  dueAt,
  RFC_TIMERS,
  startTransaction,
  stepTransaction,
  type Transaction,
  type TransactionAction,
  type TransactionInput,
} from "./transaction.ts";

/** Plays a transaction that starts at 1000 on a fake clock: every timer when it is due, responses when they are said to come. */
function play(resends: boolean, responses: readonly { readonly at: number; readonly code: number }[] = []) {
  const log: { readonly at: number; readonly action: TransactionAction }[] = [];
  let transaction: Transaction = startTransaction(1000, resends, RFC_TIMERS);
  const waiting = [...responses];
  for (let turn = 0; turn < 100; turn++) {
    const due = dueAt(transaction);
    const next = waiting[0];
    const isResponse = next !== undefined && next.at + 1000 <= due;
    const now = isResponse ? next.at + 1000 : due;
    if (now === Number.POSITIVE_INFINITY) break;
    const input: TransactionInput = isResponse
      ? { kind: "response", code: waiting.shift()!.code }
      : { kind: "time" };
    const step = stepTransaction(transaction, input, now);
    transaction = step.next;
    log.push({ at: now - 1000, action: step.action });
  }
  return { log, transaction };
}
const times = (log: ReturnType<typeof play>["log"], action: TransactionAction) =>
  log.filter((entry) => entry.action === action).map(({ at }) => at);

test("on UDP an unanswered request is sent eleven times in 32 s", () => {
  const { log, transaction } = play(true);
  assert.deepEqual(times(log, "resend"), [500, 1500, 3500, 7500, 11500, 15500, 19500, 23500, 27500, 31500]);
  assert.deepEqual(times(log, "timeout"), [32_000]);
  assert.equal(transaction.retransmits, 10);
});

test("on a stream nothing is sent twice and the 32 s hold all the same", () => {
  assert.deepEqual(play(false).log, [{ at: 32_000, action: "timeout" }]);
});

test("after a 1xx the request is sent again every T2", () => {
  const { log } = play(true, [{ at: 600, code: 100 }]);
  assert.deepEqual(times(log, "resend").slice(0, 4), [500, 1500, 5500, 9500]);
  assert.deepEqual(times(log, "provisional"), [600]);
});

test("a final response ends it, and duplicates are absorbed for T4 on UDP", () => {
  const { log } = play(true, [
    { at: 700, code: 200 },
    { at: 800, code: 200 },
    { at: 5900, code: 200 },
  ]);
  assert.deepEqual(log, [
    { at: 500, action: "resend" },
    { at: 700, action: "final" },
    { at: 800, action: "duplicate" },
    { at: 5700, action: "none" },
    { at: 5900, action: "duplicate" },
  ]);
});

test("whatever comes, at most one final or timeout, bounded sends, and time alone ends it", () => {
  const response = fc.record({ at: fc.nat(40_000), code: fc.integer({ min: 100, max: 699 }) });
  fc.assert(
    fc.property(fc.boolean(), fc.array(response, { maxLength: 10 }), (resends, responses) => {
      const { log, transaction } = play(
        resends,
        responses.toSorted((a, b) => a.at - b.at),
      );
      assert.ok(times(log, "final").length + times(log, "timeout").length === 1);
      assert.ok(transaction.retransmits <= (resends ? 10 : 0));
      assert.equal(transaction.phase, "terminated");
    }),
  );
});
