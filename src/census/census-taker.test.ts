import assert from "node:assert/strict";
import { test } from "node:test";
import {
  encodeDone,
  encodeSocket,
  type FakeSocket,
  fakeInfo,
  fakeSocket,
  fakeTransport,
  joined,
} from "../linux/fakes.ts";
import { TcpState } from "../model/index.ts";
import { EVERYTHING, type ScanOptions } from "./census.ts";
import { CensusTaker } from "./census-taker.ts";
import { between, kernelWith } from "./fakes.ts";

/** Inodes that no process of this machine can have. */
const listening = {
  ...between("0.0.0.0", 5060, "0.0.0.0", 0),
  state: TcpState.LISTEN,
  inode: 4_000_000_001,
  rqueue: 3,
  wqueue: 128,
};

function scan(sockets: readonly Partial<FakeSocket>[], options: Partial<ScanOptions> = {}) {
  using taker = new CensusTaker({ transport: kernelWith(sockets) });
  return taker.scan({ ...EVERYTHING, ...options }, 1234);
}

test("a scan counts connections by listener and leaves outbound ones out", () => {
  const census = scan([
    listening,
    { ...between("192.0.2.1", 5060, "198.51.100.7", 1000), inode: 1 },
    { ...between("192.0.2.1", 5060, "198.51.100.7", 1001), inode: 0 },
    { ...between("192.0.2.1", 5060, "198.51.100.8", 1000), info: fakeInfo({ bytesAcked: 1n }) },
    { ...between("192.0.2.1", 40_000, "198.51.100.9", 443) },
  ]);
  assert.deepEqual([census.takenAt, census.sockets, census.outbound], [1234, 4, 2]);
  assert.equal(census.rows.length, 1);
  const [listener] = census.listeners;
  assert.deepEqual(listener!.endpoints, [
    { address: "0.0.0.0", port: 5060, backlog: { used: 3, limit: 128 } },
  ]);
  assert.deepEqual([listener!.conduct.fresh, listener!.conduct.queued], [1, 1]);
  assert.deepEqual(listener!.processes, []);
  assert.equal(listener!.name, "?:5060");
});

test("silence is judged by the port's profile unless the options say otherwise", () => {
  const quiet = {
    ...between("192.0.2.1", 5060, "198.51.100.7", 1000),
    info: fakeInfo({ bytesReceived: 9n, lastDataReceived: 100_000 }),
  };
  const conductOf = (options: Partial<ScanOptions>) =>
    scan([listening, quiet], options).listeners[0]!.conduct;
  assert.equal(conductOf({}).active, 1, "100 s are within SIP's 120 s");
  assert.equal(conductOf({ profile: "websocket" }).idle, 1);
  assert.equal(conductOf({ profile: "generic" }).active, 1);
  assert.equal(conductOf({ normalSilenceMs: 99_999 }).idle, 1);
});

test("scans after one another start from nothing, also when listeners come and go", () => {
  const sockets: Partial<FakeSocket>[] = [listening, { ...between("192.0.2.1", 5060, "198.51.100.7", 1000) }];
  using taker = new CensusTaker({ transport: kernelWith(sockets) });
  assert.equal(taker.scan(EVERYTHING, 0).rows.length, 1);
  sockets.push(
    { ...listening, localPort: 80, inode: 4_000_000_002 },
    { ...between("192.0.2.1", 80, "198.51.100.7", 1) },
  );
  const second = taker.scan(EVERYTHING, 0);
  assert.deepEqual(
    second.listeners.map(({ name, conduct }) => [name, conduct.fresh]),
    [
      ["?:80", 1],
      ["?:5060", 1],
    ],
  );
  sockets.splice(0, 1);
  const third = taker.scan(EVERYTHING, 0);
  assert.deepEqual([third.listeners.length, third.outbound, third.rows.length], [1, 1, 1]);
});

test("what could not be decoded is in the census", () => {
  const transport = fakeTransport((sequence) => [
    joined(encodeSocket(fakeSocket({ family: 77 }), sequence), encodeDone(sequence)),
  ]);
  using taker = new CensusTaker({ transport: { ...transport, [Symbol.dispose]: () => {} } });
  assert.equal(taker.scan(EVERYTHING, 0).losses.unexpected, 4, "two dumps of two families");
});
