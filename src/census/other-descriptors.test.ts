import assert from "node:assert/strict";
import { test } from "node:test";
import { OtherDescriptors } from "./other-descriptors.ts";

/** The clock has long run when the first scan is taken. */
const BOOTED_MS = 1_000_000;
const process = (pid: number, fdUsed: number) => ({ pid, name: "test", fdUsed, fdLimit: 1024 });

test("descriptors of connections that were evicted a moment ago take no slots from the others", () => {
  const others = new OtherDescriptors();
  const at = (nowMs: number, fdUsed: number, accepted: number): number => {
    others.begin();
    return others.of(process(1, fdUsed), accepted, BOOTED_MS + nowMs);
  };
  assert.equal(at(0, 3830, 3800), 30);
  assert.equal(at(50, 3830, 1000), 30, "the program has closed none of 2 800");
  assert.equal(at(100, 2000, 1000), 30, "and now some");
  assert.equal(at(150, 1030, 1000), 30);
  assert.equal(at(200, 4330, 1000), 530, "more than there ever were connections");
  assert.equal(at(20_000, 3830, 1000), 2830, "nobody takes that long to close");
  assert.equal(others.of(process(1, 0), 0, BOOTED_MS + 20_000), 2830, "once a scan");
});
