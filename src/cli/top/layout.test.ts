import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { noPaint } from "../output.ts";
import { renderLine } from "../terminal/line.ts";
import { layout } from "./layout.ts";
import { hoardGrowth, scene } from "./testing/census.ts";
import { initialView, LISTENERS_SHOWN, SORT_KEYS, type ViewState } from "./view-state.ts";

const growth = hoardGrowth();

const views: fc.Arbitrary<ViewState> = fc.record({
  sort: fc.constantFrom(...SORT_KEYS),
  reversed: fc.boolean(),
  filter: fc.constantFrom("", "10.", "198.51.100.", "kamailio", "db8", "nobody", "2001:db8:77::/48"),
  prompt: fc.option(fc.string({ maxLength: 70 })),
  listeners: fc.constantFrom(...LISTENERS_SHOWN),
  offset: fc.nat(100),
  paused: fc.boolean(),
  intervalMs: fc.constantFrom(200, 1500, 60_000),
  help: fc.boolean(),
});

describe("layout()", () => {
  it("fills any terminal exactly, whatever is shown on it", () => {
    const sizes = fc.record({
      width: fc.integer({ min: 1, max: 200 }),
      height: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(views, sizes, fc.boolean(), fc.boolean(), (state, size, unicode, failed) => {
        const { lines, extent } = layout(
          state,
          scene(growth, { unicode, failure: failed ? "no" : null }),
          size,
        );
        assert.equal(lines.length, size.height);
        for (const line of lines) assert.ok(renderLine(line, size.width, noPaint).length <= size.width);
        assert.ok(extent.page >= 0 && extent.total >= 0);
      }),
      { numRuns: 500 },
    );
  });

  it("keeps every line of a wide terminal whole", () => {
    const { lines } = layout(initialView(1000), scene(growth), { width: 160, height: 40 });
    for (const line of lines) assert.equal(renderLine(line, 10_000, noPaint), renderLine(line, 160, noPaint));
  });

  it("writes ASCII alone where the locale has no more", () => {
    const { lines } = layout(initialView(1000), scene(growth, { unicode: false }), {
      width: 120,
      height: 40,
    });
    for (const line of lines) assert.match(renderLine(line, 120, noPaint), /^[\x20-\x7e]*$/);
  });

  it("shows the last page where the offset is beyond the end", () => {
    const state = { ...initialView(1000), sort: "source" as const, offset: 10_000 };
    const { lines, extent } = layout(state, scene(growth), { width: 80, height: 24 });
    const text = lines.map((line) => renderLine(line, 80, noPaint));
    assert.match(
      text.join("\n"),
      new RegExp(`${extent.total - extent.page + 1}-${extent.total} of ${extent.total} `),
    );
    assert.match(text.at(-2)!, /^2001:db8:77::\/64/);
  });
});
