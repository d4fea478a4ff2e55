import assert from "node:assert/strict";
import { test } from "node:test";
import { formatNetwork, PROOF_COUNT, Proof, type ProofCounts, parseNetwork } from "../model/index.ts";
import { largestByListener, sumByListener } from "./listener-sums.ts";
import type { TrackedCensus } from "./tracked-census.ts";

interface Row {
  readonly source: string;
  readonly counts: Partial<ProofCounts>;
  readonly listener?: number;
}

/** A census of these rows, with as much of its listeners as is summed up. */
function censusOf(rows: readonly Row[], names: readonly string[]): TrackedCensus {
  const counts = new Uint32Array(PROOF_COUNT * rows.length);
  const source = new Uint32Array(4 * rows.length);
  for (const [row, { source: text, counts: of }] of rows.entries()) {
    source.set(new Uint32Array(parseNetwork(text)!.address.slice().buffer), 4 * row);
    for (const [proof, count] of Object.entries(of))
      counts[PROOF_COUNT * row + Proof[proof as Proof]] = count;
  }
  const listener = Uint32Array.from(rows, ({ listener: number = 0 }) => number);
  const columns = { length: rows.length, listener, source, counts };
  const listeners = names.map((name) => ({ name }));
  return { listeners, rows: columns, prefixes: { ipv4: 32, ipv6: 64 } } as unknown as TrackedCensus;
}

const addresses = (count: number): string[] => Array.from({ length: count }, (_, i) => `10.0.${i}.7`);

/** Source number i of the first listener holds i + 1 silent connections; the second has one source of both families. */
const SOURCES: readonly Row[] = [
  ...addresses(8).map((source, i) => ({ source, counts: { silent: i + 1 } })),
  { source: "192.0.2.1", counts: { proven: 3, silent: 1 }, listener: 1 },
  { source: "2001:db8:1:2::", counts: { once: 7 }, listener: 1 },
  { source: "192.0.2.9", counts: {}, listener: 1 },
];
const CENSUS = censusOf(SOURCES, ["sip", "web", "idle"]);

test("sumByListener() adds up proofs and sources, and keeps the largest in descending order", () => {
  const [sip, web, idle] = sumByListener(CENSUS, 5);
  assert.deepEqual(sip!.largest, [8, 7, 6, 5, 4]);
  assert.deepEqual([sip!.connections, sip!.sources, sip!.proofs.silent, sip!.proofs.proven], [36, 8, 36, 0]);
  assert.deepEqual(web!.largest, [7, 4]);
  assert.deepEqual([web!.connections, web!.sources, web!.proofs.proven, web!.proofs.once], [11, 2, 3, 7]);
  assert.deepEqual([idle!.connections, idle!.sources, idle!.largest], [0, 0, []]);
});

test("sumByListener() keeps equal counts each, and none where none are asked for", () => {
  const equal = censusOf(
    addresses(4).map((source) => ({ source, counts: { once: 2 } })),
    ["sip"],
  );
  assert.deepEqual(sumByListener(equal, 3)[0]!.largest, [2, 2, 2]);
  assert.deepEqual(sumByListener(equal, 0)[0]!.largest, []);
});

test("largestByListener() names the top sources, with all of the listener's sums", () => {
  const [sip, web] = largestByListener(CENSUS, 2);
  assert.deepEqual(
    sip!.sources.map(({ source, connections }) => [formatNetwork(source), connections]),
    [
      ["10.0.7.7", 8],
      ["10.0.6.7", 7],
    ],
  );
  assert.equal(sip!.connections, 36);
  assert.deepEqual(
    web!.sources.map(({ source, connections, proofs }) => [
      formatNetwork(source),
      connections,
      proofs.proven,
      proofs.once,
    ]),
    [
      ["2001:db8:1:2::/64", 7, 0, 7],
      ["192.0.2.1", 4, 3, 0],
    ],
  );
});
