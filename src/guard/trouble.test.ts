import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeRefusal } from "./fakes.ts";
import type { GuardHealth } from "./news.ts";
import { Trouble } from "./trouble.ts";

function troubled(): { readonly told: GuardHealth[]; readonly trouble: Trouble } {
  const told: GuardHealth[] = [];
  return { told, trouble: new Trouble((health) => told.push(health)) };
}

const fail = (error: unknown) => (): void => {
  throw error;
};

test("attempt() says whether it went well, and tells nothing of what does", () => {
  const { told, trouble } = troubled();
  let done = 0;
  assert.equal(
    trouble.attempt("scan", () => done++),
    true,
  );
  assert.deepEqual([done, told], [1, []]);
});

test("a failure is told at each try, in the words of what was thrown, and being well once", () => {
  const { told, trouble } = troubled();
  assert.equal(trouble.attempt("scan", fail(new Error("no kernel"))), false);
  assert.equal(trouble.attempt("scan", fail("just words")), false);
  for (let i = 0; i < 3; i++) trouble.attempt("scan", () => {});
  assert.deepEqual(told, [
    { code: "scan", severity: "critical", text: "no kernel" },
    { code: "scan", severity: "critical", text: "just words" },
    { code: "scan", severity: "notice", text: null },
  ]);
});

test("parts fail and are well each by itself", () => {
  const { told, trouble } = troubled();
  trouble.attempt("rules", fail(new Error("a")));
  trouble.attempt("evict", fail(new Error("b")));
  trouble.attempt("evict", () => {});
  trouble.well("ban");
  trouble.well("rules");
  assert.deepEqual(
    told.map(({ code, text }) => `${code} ${text}`),
    ["rules a", "evict b", "evict null", "rules null"],
  );
});

test("denied has the words of the last refusal for want of rights, by its code", () => {
  const { trouble } = troubled();
  trouble.attempt("rules", fail(new FakeRefusal("refused", "no")));
  trouble.attempt("rules", fail({ code: "denied", message: "no error at all" }));
  assert.equal(trouble.denied, null);
  trouble.attempt("rules", fail(new FakeRefusal("denied", "it takes more rights")));
  trouble.attempt("rules", () => {});
  assert.equal(trouble.denied, "it takes more rights");
});
