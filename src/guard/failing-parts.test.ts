import assert from "node:assert/strict";
import { test } from "node:test";
import { FailingParts } from "./failing-parts.ts";
import { FakeRefusal } from "./fakes.ts";
import type { GuardHealth } from "./news.ts";

function watched(): { readonly told: GuardHealth[]; readonly parts: FailingParts } {
  const told: GuardHealth[] = [];
  return { told, parts: new FailingParts((health) => told.push(health)) };
}

const fail = (error: unknown) => (): void => {
  throw error;
};

test("attempt() returns whether the work went well, and tells nothing of success", () => {
  const { told, parts } = watched();
  let done = 0;
  assert.equal(
    parts.attempt("scan", () => done++),
    true,
  );
  assert.deepEqual([done, told], [1, []]);
});

test("a failure is told at each try, in the words of what was thrown, and being well once", () => {
  const { told, parts } = watched();
  assert.equal(parts.attempt("scan", fail(new Error("no kernel"))), false);
  assert.equal(parts.attempt("scan", fail("just words")), false);
  for (let i = 0; i < 3; i++) parts.attempt("scan", () => {});
  assert.deepEqual(told, [
    { code: "scan", severity: "critical", text: "no kernel" },
    { code: "scan", severity: "critical", text: "just words" },
    { code: "scan", severity: "notice", text: null },
  ]);
});

test("parts fail and are well each by itself", () => {
  const { told, parts } = watched();
  parts.attempt("rules", fail(new Error("a")));
  parts.attempt("evict", fail(new Error("b")));
  parts.attempt("evict", () => {});
  parts.well("ban");
  parts.well("rules");
  assert.deepEqual(
    told.map(({ code, text }) => `${code} ${text}`),
    ["rules a", "evict b", "evict null", "rules null"],
  );
});

test("denied has the words of the last refusal whose code means missing rights", () => {
  const { parts } = watched();
  parts.attempt("rules", fail(new FakeRefusal("refused", "no")));
  parts.attempt("rules", fail({ code: "denied", message: "no error at all" }));
  assert.equal(parts.denied, null);
  parts.attempt("rules", fail(new FakeRefusal("denied", "it takes more rights")));
  parts.attempt("rules", () => {});
  assert.equal(parts.denied, "it takes more rights");
});
