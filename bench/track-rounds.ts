// One process of bench/track.ts: scans with and without a memory in turn, in the namespace where it is started, reads
// the cheap triggers, selects the connections of four hundred evictions, and prints one line of JSON. Usage:
// track-rounds ROUNDS

import { CensusTaker } from "../src/census/census-taker.ts";
import { EVERYTHING } from "../src/census/index.ts";
import { DEFAULT_SOURCE_PREFIXES, SOURCE_WORDS } from "../src/model/index.ts";
import { Tracker, TriggerReader } from "../src/track/index.ts";
import { median } from "./statistics.ts";

const WARM_UP = 10;
const TRIGGER_ROUNDS = 2000;
const EVICTIONS = 400;

const rounds = Number(process.argv[2]);
using taker = new CensusTaker();
using tracker = new Tracker();
using triggers = new TriggerReader();
const scanMs: number[] = [];
const trackedMs: number[] = [];
let tracked = tracker.scan(null, DEFAULT_SOURCE_PREFIXES, 0);
for (let round = 0; round < WARM_UP + rounds; round++) {
  scanMs.push(taker.scan(EVERYTHING, 0).scanMs);
  tracked = tracker.scan(null, DEFAULT_SOURCE_PREFIXES, 0);
  trackedMs.push(tracked.scanMs);
}

const givenUp = Array.from({ length: Math.min(EVICTIONS, tracked.rows.length) }, (_, row) => ({
  address: new Uint8Array(tracked.rows.source.slice(SOURCE_WORDS * row, SOURCE_WORDS * (row + 1)).buffer),
  bits: 128,
}));
let selected = 0;
const selectMs = timed(1, () => {
  for (const source of givenUp) {
    const eviction = {
      source,
      listener: null,
      proofs: ["silent", "mute", "fresh"],
      max: 1e6,
      rule: "overdue",
    } as const;
    selected += tracker.select(eviction).length;
  }
});
const ports = [...new Set(tracked.listeners.flatMap(({ endpoints }) => endpoints.map(({ port }) => port)))];

process.stdout.write(
  `${JSON.stringify({
    sockets: tracked.sockets,
    rows: tracked.rows.length,
    scanMs: median(scanMs.slice(WARM_UP)),
    trackedMs: median(trackedMs.slice(WARM_UP)),
    selectMs,
    selected,
    rssMiB: process.memoryUsage.rss() / 2 ** 20,
    opensUs: 1000 * timed(TRIGGER_ROUNDS, () => triggers.readOpens()),
    descriptorsUs: 1000 * timed(TRIGGER_ROUNDS, () => triggers.readDescriptors(process.pid)),
    queueUs: 1000 * timed(TRIGGER_ROUNDS, () => triggers.readQueue(ports)),
  })}\n`,
);

/** Milliseconds of one call, as the mean of many. */
function timed(times: number, call: () => unknown): number {
  const startMs = performance.now();
  for (let i = 0; i < times; i++) call();
  return (performance.now() - startMs) / times;
}
