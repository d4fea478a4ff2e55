import assert from "node:assert/strict";
import { test } from "node:test";
import { Refusal, reasonOf, traceOf } from "./refusal.ts";

class DiskRefusal extends Refusal {}

test("a refusal has the name of its class, and its cause only where there is one", () => {
  const refusal = new DiskRefusal("open: the disk is full", "ENOSPC");
  assert.deepEqual(
    [refusal.name, refusal.message, refusal.cause],
    ["DiskRefusal", "open: the disk is full", "ENOSPC"],
  );
  assert.equal("cause" in new DiskRefusal("open: no"), false);
});

test("people are told a refusal's message, and a mistake's stack", () => {
  assert.equal(traceOf(new DiskRefusal("open: no")), "open: no");
  assert.match(traceOf(new TypeError("no function")), /TypeError: no function\n +at /);
  assert.equal(traceOf("thrown"), "thrown");
  assert.equal(reasonOf(new TypeError("no function")), "no function");
});
