import assert from "node:assert/strict";
import { test } from "node:test";
import { hoardCause } from "./cause.ts";

test("a hoard is one source's from twenty connections on, and many sources' from fifty", () => {
  assert.equal(hoardCause({ largest: 20, total: 20 }), "single-source-hoard");
  assert.equal(hoardCause({ largest: 19, total: 19 }), null);
  assert.equal(hoardCause({ largest: 5, total: 50 }), "distributed-hoard");
  assert.equal(hoardCause({ largest: 5, total: 49 }), null);
  assert.equal(hoardCause({ largest: 0, total: 0 }), null);
});

test("one source is the hoarder when it holds more than two thirds of the hoard", () => {
  assert.equal(hoardCause({ largest: 200, total: 300 }), "distributed-hoard");
  assert.equal(hoardCause({ largest: 201, total: 300 }), "single-source-hoard");
});
