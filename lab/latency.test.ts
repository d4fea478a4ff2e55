import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Latencies } from "./latency.ts";

test("Latencies tells quantiles to a tenth of a millisecond, and the exact maximum", () => {
  const latency = fc.double({ min: 0, max: 1500, noNaN: true });
  fc.assert(
    fc.property(fc.array(latency, { minLength: 1 }), (values) => {
      const latencies = new Latencies();
      for (const value of values) latencies.add(value);
      const sorted = values.toSorted((a, b) => a - b);
      const median = sorted[Math.ceil(values.length / 2) - 1]!;
      const { p50, max } = latencies.summary();
      assert.equal(max, sorted.at(-1));
      if (median < 1000) assert.ok(p50 >= Math.min(median, max) && p50 <= median + 0.11, `${p50}, ${median}`);
    }),
  );
});

test("Latencies of nothing are zero", () => {
  assert.deepEqual(new Latencies().summary(), { p50: 0, p95: 0, max: 0 });
});
