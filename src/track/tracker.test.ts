import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { between, kernelWith } from "../census/fakes.ts";
import { type FakeSocket, fakeInfo } from "../linux/fakes.ts";
import type { SocketTable } from "../linux/index.ts";
import {
  contains,
  DEFAULT_SOURCE_PREFIXES,
  type Eviction,
  type ListenerPolicy,
  PROOF_COUNT,
  PROOFS,
  Proof,
  parseNetwork,
  TcpState,
} from "../model/index.ts";
import { defaultPolicy } from "./selected-listeners.ts";
import type { TrackedCensus } from "./tracked-census.ts";
import { proofCounts, Tracker } from "./tracker.ts";

/** Inodes that no process of this machine can have. */
const listening = (address: string, port: number): Partial<FakeSocket> => ({
  ...between(address, port, "0.0.0.0", 0),
  state: TcpState.LISTEN,
  inode: 4_000_000_000 + port,
});

const policy = (name: string, different: Partial<ListenerPolicy["selector"]>): ListenerPolicy => {
  const made = defaultPolicy({ name, port: 5060 });
  return { ...made, selector: { ...made.selector, ports: null, ...different } };
};

let cookies = 0;
const connection = (local: string, port: number, remote: string, different: Partial<FakeSocket> = {}) => ({
  ...between(local, port, remote, 1024 + (cookies % 60_000)),
  cookie: [++cookies, 0] as const,
  ...different,
});

const names = (census: TrackedCensus) =>
  census.listeners.map(({ name, endpoints }) => [name, endpoints.length]);

const totals = ({ rows, listeners }: TrackedCensus) =>
  listeners.map(({ name }, number) => {
    const counts = new Uint32Array(PROOF_COUNT);
    for (let row = 0; row < rows.length; row++) {
      if (rows.listener[row] !== number) continue;
      for (let i = 0; i < PROOF_COUNT; i++) counts[i]! += rows.counts[PROOF_COUNT * row + i]!;
    }
    return [name, Object.fromEntries(Object.entries(proofCounts(counts, 0)).filter(([, n]) => n > 0))];
  });

test("without policies every listener found is watched by its port's defaults", () => {
  using tracker = new Tracker({
    transport: kernelWith([
      listening("0.0.0.0", 5060),
      listening("0.0.0.0", 25),
      connection("192.0.2.1", 5060, "198.51.100.7"),
    ]),
  });
  const census = tracker.scan(null, DEFAULT_SOURCE_PREFIXES, 1000);
  assert.deepEqual(
    census.listeners.map(({ name, policy: { profile, limits, slots } }) => [
      name,
      profile.name,
      limits.unprovenPerSource,
      slots,
    ]),
    [
      ["?:25", "generic", 20, null],
      ["?:5060", "sip", 20, null],
    ],
  );
  assert.deepEqual(totals(census), [
    ["?:25", {}],
    ["?:5060", { fresh: 1 }],
  ]);
  assert.equal(census.rows.dueAt[0], 1000 + 5000 + 10, "a phone has five seconds to speak");
});

test("the first policy that selects a listening socket wins, and one without a listener has no endpoints", () => {
  using tracker = new Tracker({
    transport: kernelWith([
      listening("192.0.2.1", 5060),
      listening("192.0.2.2", 5060),
      listening("192.0.2.1", 80),
      connection("192.0.2.1", 5060, "198.51.100.7"),
      connection("192.0.2.2", 5060, "198.51.100.7"),
      connection("192.0.2.1", 80, "198.51.100.7"),
    ]),
  });
  const policies = [
    policy("one", { ports: [5060], address: parseNetwork("192.0.2.1") }),
    policy("sip", { ports: [5060] }),
    policy("gone", { ports: [443] }),
    policy("program", { process: "kamailio" }),
  ];
  const census = tracker.scan(policies, DEFAULT_SOURCE_PREFIXES, 0);
  assert.deepEqual(names(census), [
    ["one", 1],
    ["sip", 1],
    ["gone", 0],
    ["program", 0],
  ]);
  assert.deepEqual(totals(census), [
    ["one", { fresh: 1 }],
    ["sip", { fresh: 1 }],
    ["gone", {}],
    ["program", {}],
  ]);
  assert.deepEqual(
    tracker.connectionsOf(parseNetwork("198.51.100.0/24")!).map(({ listener }) => listener),
    ["one", "sip"],
  );
});

test("what connects to a guarded port at an address of an unguarded listener is nobody's", () => {
  using tracker = new Tracker({
    transport: kernelWith([
      listening("0.0.0.0", 5060),
      listening("192.0.2.2", 5060),
      connection("192.0.2.2", 5060, "198.51.100.7"),
    ]),
  });
  const census = tracker.scan(
    [policy("any", { address: parseNetwork("0.0.0.0") })],
    DEFAULT_SOURCE_PREFIXES,
    0,
  );
  assert.deepEqual(totals(census), [["any", {}]]);
});

test("no policies at all watch nothing and ask nothing", () => {
  using tracker = new Tracker({ transport: kernelWith([listening("0.0.0.0", 5060)]) });
  const census = tracker.scan([], DEFAULT_SOURCE_PREFIXES, 0);
  assert.deepEqual([census.listeners.length, census.sockets, census.consistent], [0, 0, true]);
});

test("half-open and closing connections are counted by conduct and have no row", () => {
  using tracker = new Tracker({
    transport: kernelWith([
      listening("0.0.0.0", 5060),
      connection("192.0.2.1", 5060, "198.51.100.7", { state: TcpState.SYN_RECV, info: null, inode: 0 }),
      connection("192.0.2.1", 5060, "198.51.100.7", { state: TcpState.FIN_WAIT2 }),
    ]),
  });
  const { rows, listeners } = tracker.scan(null, DEFAULT_SOURCE_PREFIXES, 0);
  const { halfOpen, closing } = listeners[0]!.conduct;
  assert.deepEqual([rows.length, halfOpen, closing, listeners[0]!.used], [0, 1, 1, 0]);
});

test("a connection keeps its history from scan to scan, by the watch's own clock", () => {
  const sockets: Partial<FakeSocket>[] = [listening("0.0.0.0", 5060)];
  let nowMs = 0;
  using tracker = new Tracker({ transport: kernelWith(sockets), now: () => nowMs });
  const scan = () => totals(tracker.scan(null, DEFAULT_SOURCE_PREFIXES, 1e12))[0]![1];
  const says = (received: number, segments: number) => {
    const info = fakeInfo({
      bytesReceived: BigInt(received),
      dataSegmentsReceived: segments,
      bytesAcked: BigInt(received),
      bytesSent: BigInt(received),
      dataSegmentsSent: segments,
    });
    sockets[1] = { ...between("192.0.2.1", 5060, "198.51.100.7", 99), cookie: [1, 1], info };
  };
  scan();
  says(4, 1);
  assert.deepEqual(scan(), { pings: 1 });
  nowMs += 100_000;
  says(8, 2);
  assert.deepEqual(scan(), { pings: 1 });
  nowMs += 100_000;
  assert.deepEqual(scan(), { pingsHeld: 1 });
  says(408, 3);
  assert.deepEqual(scan(), { kept: 1 });
  says(808, 4);
  assert.deepEqual(scan(), { proven: 1 });
});

test("connections that were there before the first scan are older than the watch, later ones are not", () => {
  const sockets: Partial<FakeSocket>[] = [listening("0.0.0.0", 5060)];
  const spoken = fakeInfo({
    bytesReceived: 820n,
    dataSegmentsReceived: 101,
    bytesAcked: 580n,
    bytesSent: 580n,
    dataSegmentsSent: 101,
  });
  sockets.push(connection("192.0.2.1", 5060, "198.51.100.7", { info: spoken }));
  using tracker = new Tracker({ transport: kernelWith(sockets) });
  const scan = () => totals(tracker.scan(null, DEFAULT_SOURCE_PREFIXES, 0))[0]![1];
  assert.deepEqual(scan(), { unknown: 1 });
  sockets.push(connection("192.0.2.1", 5060, "198.51.100.7", { info: spoken }));
  assert.deepEqual(scan(), { kept: 1, unknown: 1 });
  sockets[0] = { ...listening("0.0.0.0", 5060), inode: 4_100_000_000 };
  sockets.push(connection("192.0.2.1", 5060, "198.51.100.7", { info: spoken }));
  assert.deepEqual(scan(), { kept: 2, unknown: 1 }, "a restarted server is watched on");
});

test("select() writes to the array that it is given where the rows fit", () => {
  using tracker = new Tracker({
    transport: kernelWith([listening("0.0.0.0", 5060), connection("192.0.2.1", 5060, "198.51.100.7")]),
  });
  const eviction: Eviction = {
    source: parseNetwork("198.51.100.7")!,
    listener: null,
    proofs: ["fresh"],
    max: 9,
    rule: "overdue",
  };
  assert.equal(tracker.select(eviction).length, 0, "before the first scan");
  tracker.scan(null, DEFAULT_SOURCE_PREFIXES, 0);
  const into = new Uint32Array(4);
  const rows = tracker.select(eviction, into);
  assert.deepEqual([...rows], [0]);
  assert.equal(rows.buffer, into.buffer);
});

test("select() means other connections when those that it gave are gone", () => {
  const phones = [1, 2, 3].map((i) =>
    connection("192.0.2.1", 5060, "198.51.100.7", { remotePort: 40_000 + i }),
  );
  using tracker = new Tracker({ transport: kernelWith([listening("0.0.0.0", 5060), ...phones]) });
  tracker.scan(null, DEFAULT_SOURCE_PREFIXES, 0);
  const source = parseNetwork("198.51.100.7")!;
  const eviction: Eviction = { source, listener: null, proofs: ["fresh"], max: 2, rule: "overdue" };
  const first = tracker.select(eviction);
  tracker.evicted(first);
  const second = tracker.select(eviction);
  assert.deepEqual([first.length, second.length], [2, 1]);
  assert.equal(new Set([...first, ...second]).size, 3);
});

const ADDRESSES = [
  "198.51.100.7",
  "198.51.100.8",
  "198.51.101.7",
  "10.0.0.1",
  "::ffff:10.0.0.1",
  "2001:db8::1",
  "2001:db8::2",
  "2001:db8:0:1::1",
  "2001:db8:1::1",
  "::1",
] as const;
const NETWORKS = [
  ...[
    "198.51.100.7",
    "198.51.100.0/24",
    "198.51.0.0/16",
    "10.0.0.1",
    "10.0.0.2",
    "0.0.0.0/0",
    "::/0",
    "::/64",
    "::1",
  ],
  ...[
    "2001:db8::1",
    "2001:db8::/64",
    "2001:db8::/48",
    "2001:db8::/127",
    "2001:db8::/32",
    "::fffe:0:0/95",
    "2001:db8::",
  ],
].map((text) => parseNetwork(text)!);

const anyConnection = fc.record({
  remote: fc.constantFrom(...ADDRESSES),
  port: fc.constantFrom(5060, 1883),
  ageMs: fc.constantFrom(0, 6000, 40_000, 41_000),
  heard: fc.boolean(),
  leaked: fc.boolean(),
});
const anyEviction = fc.record({
  source: fc.constantFrom(...NETWORKS),
  listener: fc.constantFrom(null, "?:5060", "?:1883", "?:80"),
  proofs: fc.uniqueArray(fc.constantFrom(...PROOFS), { minLength: 1 }),
  max: fc.constantFrom(0, 1, 3, Number.POSITIVE_INFINITY),
});
const anyPrefixes = fc.record({ ipv4: fc.constantFrom(32, 24, 0), ipv6: fc.constantFrom(128, 64, 48, 0) });

test("select() gives exactly the rows that an eviction means, in its order, for any network and prefixes", () => {
  const property = fc.property(
    fc.array(fc.array(anyConnection, { maxLength: 60 }), { minLength: 1, maxLength: 3 }),
    fc.array(anyEviction, { minLength: 1, maxLength: 12 }),
    anyPrefixes,
    (waves, evictions, prefixes) => {
      const sockets: Partial<FakeSocket>[] = [listening("::", 5060), listening("::", 1883)];
      let nowMs = 0;
      using tracker = new Tracker({ transport: kernelWith(sockets), now: () => nowMs });
      const seenAt = new Map<number, number>();
      for (const wave of waves) {
        for (const { remote, port, ageMs, heard, leaked } of wave) {
          const local = remote.includes(":") ? "2001:db8:f::1" : "192.0.2.1";
          const info = fakeInfo({
            lastDataReceived: ageMs,
            ...(heard ? { bytesReceived: 3n, dataSegmentsReceived: 1 } : {}),
          });
          const state = leaked ? TcpState.CLOSE_WAIT : TcpState.ESTABLISHED;
          const socket = connection(local, port, remote, { info, state });
          sockets.push(socket);
          seenAt.set(socket.cookie[0], leaked ? 0 : nowMs);
        }
        tracker.scan(null, prefixes, 0);
        nowMs += 1000;
      }
      for (const eviction of evictions) {
        const expected = selectNaively(tracker.table, eviction, seenAt);
        assert.deepEqual([...tracker.select({ ...eviction, rule: "overdue" })], expected);
      }
    },
  );
  fc.assert(property, { numRuns: 150 });
});

/** One pass over every socket, by the definitions of the generators above. */
function selectNaively(
  table: SocketTable,
  { source, listener, proofs, max }: Omit<Eviction, "rule">,
  seenAt: ReadonlyMap<number, number>,
): number[] {
  const found: { row: number; rank: number; seen: number; age: number }[] = [];
  for (let row = 0; row < table.length; row++) {
    const address = new Uint8Array(table.remote.slice(4 * row, 4 * row + 4).buffer);
    if (listener !== null && listener !== `?:${table.localPort[row]}`) continue;
    if (!contains(source, address)) continue;
    const rank = proofs.indexOf(PROOFS[proofNaively(table, row)]!);
    const [seen, age] = [seenAt.get(table.cookieLow[row]!)!, table.lastDataReceivedMs[row]!];
    if (rank >= 0) found.push({ row, rank, seen, age });
  }
  found.sort((a, b) => a.rank - b.rank || b.seen - a.seen || a.age - b.age || a.row - b.row);
  return found.slice(0, max).map(({ row }) => row);
}

function proofNaively(table: SocketTable, row: number): number {
  if (table.state[row] === TcpState.CLOSE_WAIT) return Proof.leaked;
  if (table.bytesReceived[row]! > 0) return table.localPort[row] === 1883 ? Proof.once : Proof.pings;
  const [age, silentFor] = [table.lastDataReceivedMs[row]!, table.localPort[row] === 1883 ? 15_000 : 30_000];
  return age >= silentFor ? Proof.silent : age >= 5000 ? Proof.mute : Proof.fresh;
}
