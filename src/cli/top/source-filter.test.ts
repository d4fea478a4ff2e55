import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { describeSources, followGrowth } from "../../census/index.ts";
import { filterSources } from "./source-filter.ts";
import { sketchedCensus } from "./testing/census.ts";

const growth = followGrowth(
  null,
  sketchedCensus(
    [
      { name: "kamailio:5060", port: 5060 },
      { name: "Beam.smp:5222", port: 5222 },
    ],
    [
      { source: "185.104.1.1", listener: 0, conduct: { active: 1 } },
      { source: "10.185.104.3", listener: 0, conduct: { active: 1 } },
      { source: "185.10.4.1", listener: 1, conduct: { active: 1 } },
      { source: "2001:db8:1::", listener: 1, conduct: { active: 1 } },
      { source: "2001:db8:22::", listener: 1, conduct: { active: 1 } },
    ],
  ),
  0,
);

const CASES: readonly (readonly [filter: string, why: string, expected: readonly string[]])[] = [
  ["185.104.", "the beginning of an address", ["185.104.1.1"]],
  ["185.104", "any part of an address", ["185.104.1.1", "10.185.104.3"]],
  ["185.0.0.0/8", "a network", ["185.104.1.1", "185.10.4.1"]],
  ["2001:db8:1:", "the beginning of an IPv6 address", ["2001:db8:1::/64"]],
  ["2001:DB8::/32", "an IPv6 network, in any case", ["2001:db8:1::/64", "2001:db8:22::/64"]],
  ["2001:db8:1::77", "an address within a source", ["2001:db8:1::/64"]],
  ["db8:2", "any part of an IPv6 address", ["2001:db8:22::/64"]],
  ["BEAM", "a listener's name, in any case", ["185.10.4.1", "2001:db8:1::/64", "2001:db8:22::/64"]],
  ["5060", "a listener's port", ["185.104.1.1", "10.185.104.3"]],
  ["999.", "no address", []],
  ["1/2/3", "nonsense", []],
];

describe("filterSources()", () => {
  for (const [filter, why, expected] of CASES) {
    it(`takes ${filter} as ${why}`, () => {
      const { sources } = filterSources(growth, filter);
      const rows = [...sources.keys()].filter((row) => sources[row] === 1);
      assert.deepEqual(
        describeSources(growth, rows).map(({ source }) => source),
        expected,
      );
    });
  }

  it("names the listeners that match", () => {
    assert.deepEqual(filterSources(growth, "kam").listeners, [0]);
    assert.deepEqual(filterSources(growth, "185.104.").listeners, []);
  });
});
