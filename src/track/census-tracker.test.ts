// What diagnose counts by: that it is what the guard counts by, and that the times of the command line are in it.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import fc from "fast-check";
import { between, kernelWith } from "../census/fakes.ts";
import { EVERYTHING, type ScanOptions } from "../census/index.ts";
import { type FakeSocket, fakeInfo } from "../linux/fakes.ts";
import { HOST_ROOT, type SystemRoot } from "../linux/index.ts";
import { DEFAULT_SOURCE_PREFIXES, PROOF_COUNT, PROOFS, TcpState } from "../model/index.ts";
import { CensusTracker } from "./census-tracker.ts";
import { proofCounts, Tracker } from "./tracker.ts";

const SIP = 5060;
const MQTT = 1883;
const MINUTE_MS = 60_000;

/** A machine without processes: looking for the owners of listeners takes no time. */
const root: SystemRoot = { ...HOST_ROOT, proc: mkdtempSync(path.join(tmpdir(), "sockwarden-proc-")) };
after(() => rmSync(root.proc, { recursive: true }));

/** Inodes that no process of this machine can have. */
const listening = (port: number): Partial<FakeSocket> => ({
  ...between("0.0.0.0", port, "0.0.0.0", 0),
  state: TcpState.LISTEN,
  inode: 4_000_000_000 + port,
});

const connection = (port: number, number: number, different: Partial<FakeSocket>): Partial<FakeSocket> => ({
  ...between("192.0.2.1", port, "198.51.100.7", 1024 + number),
  cookie: [number + 1, 0],
  ...different,
});

/** One message of so many bytes, answered, and nothing for so long. */
const saidOnce = (bytes: number, quietMs: number): Partial<FakeSocket> => ({
  info: fakeInfo({
    bytesReceived: BigInt(bytes),
    dataSegmentsReceived: 1,
    bytesAcked: 200n,
    dataSegmentsSent: 1,
    lastDataReceived: quietMs,
  }),
});

/** What one scan says of one socket on a port, as `accepted kept` or `waiting mute`. */
function shown(port: number, socket: Partial<FakeSocket>, options: Partial<ScanOptions> = {}): string {
  const sockets = [listening(port), connection(port, 0, socket)];
  using tracker = new CensusTracker({ root, transport: kernelWith(sockets) });
  const { proofs } = tracker.scan({ ...EVERYTHING, ...options }, 0);
  const named = (["accepted", "waiting"] as const).flatMap((where) =>
    PROOFS.filter((_, i) => proofs[where][i]! > 0).map((proof) => `${where} ${proof}`),
  );
  return named.join();
}

test("who says one thing to an MQTT broker may be quiet for as long as the guard lets it: half an hour", () => {
  assert.equal(shown(MQTT, saidOnce(14, 29 * MINUTE_MS)), "accepted once");
  assert.equal(shown(MQTT, saidOnce(14, 31 * MINUTE_MS)), "accepted onceHeld");
});

test("the times of the options are in what connections are judged by, one and a half normal silences included", () => {
  assert.equal(shown(SIP, saidOnce(420, 3001), { normalSilenceMs: 2000 }), "accepted onceHeld");
  assert.equal(shown(SIP, saidOnce(420, 2999), { normalSilenceMs: 2000 }), "accepted once");
  const young = { info: fakeInfo({ lastDataReceived: 2000 }) };
  assert.equal(shown(SIP, young), "accepted fresh");
  assert.equal(shown(SIP, young, { silentForMs: 1500 }), "accepted silent");
  const resent = {
    timer: 1,
    retrans: 3,
    info: fakeInfo({ bytesReceived: 9n, lastAckReceived: 2000 }),
  };
  assert.equal(shown(SIP, resent, { stalledForMs: 1500 }), "accepted unanswered");
  assert.equal(shown(SIP, young, { profile: "generic" }), "accepted fresh");
});

test("what waits in the accept queue is counted apart", () => {
  const old = { inode: 0, info: fakeInfo({ lastDataReceived: MINUTE_MS }) };
  assert.equal(shown(SIP, old), "waiting silent");
  assert.equal(shown(SIP, { inode: 0, state: TcpState.CLOSE_WAIT }), "waiting abandoned");
  assert.equal(shown(SIP, { state: TcpState.CLOSE_WAIT }), "accepted leaked");
});

test("what a connection has shown is remembered from scan to scan", () => {
  const sockets = [listening(SIP)];
  using tracker = new CensusTracker({ root, transport: kernelWith(sockets) });
  tracker.scan(EVERYTHING, 0);
  sockets.push(connection(SIP, 0, saidOnce(420, 10)));
  const named = () => {
    const { accepted } = tracker.scan(EVERYTHING, 0).proofs;
    return PROOFS.filter((_, i) => accepted[i]! > 0).join();
  };
  assert.equal(named(), "once");
  const info = { bytesReceived: 840n, dataSegmentsReceived: 2, bytesAcked: 400n, dataSegmentsSent: 2 };
  sockets[1] = connection(SIP, 0, { info: fakeInfo({ ...info, lastDataReceived: 10 }) });
  assert.equal(named(), "proven");
});

const anySocket: fc.Arbitrary<Partial<FakeSocket>> = fc
  .record({
    state: fc.constantFrom(TcpState.ESTABLISHED, TcpState.ESTABLISHED, TcpState.CLOSE_WAIT),
    inode: fc.constantFrom(0, 7),
    timer: fc.constantFrom(0, 1, 2, 4),
    retrans: fc.nat(3),
    quietMs: fc.oneof(fc.nat(40_000), fc.nat(3_000_000)),
    bytes: fc.oneof(fc.constant(0), fc.nat(40), fc.nat(2000)),
    segments: fc.integer({ min: 1, max: 9 }),
    acked: fc.oneof(fc.constant(0), fc.nat(2000)),
  })
  .map(({ quietMs, bytes, segments, acked, ...socket }) => ({
    ...socket,
    info: fakeInfo({
      bytesReceived: BigInt(bytes),
      dataSegmentsReceived: bytes === 0 ? 0 : segments,
      // One side of the counters that tell a dialled connection: all that was sent has arrived.
      bytesSent: BigInt(acked),
      bytesAcked: BigInt(acked),
      dataSegmentsSent: acked === 0 ? 0 : segments,
      lastDataReceived: quietMs,
      lastDataSent: quietMs,
      lastAckReceived: quietMs,
    }),
  }));

test("the guard's tracker and the census's say the same of the same connections, scan after scan", () => {
  const port = fc.constantFrom(SIP, MQTT, 5061, 143, 25);
  const scans = fc.array(fc.record({ sockets: fc.array(fc.tuple(port, anySocket), { maxLength: 9 }) }), {
    minLength: 1,
    maxLength: 3,
  });
  fc.assert(
    fc.property(scans, (given) => {
      const sockets: Partial<FakeSocket>[] = [];
      let clockMs = 0;
      const now = () => clockMs;
      using guard = new Tracker({ root, transport: kernelWith(sockets), now });
      using census = new CensusTracker({ root, transport: kernelWith(sockets), now });
      for (const scan of given) {
        clockMs += MINUTE_MS;
        sockets.splice(0, sockets.length, ...[SIP, MQTT, 5061, 143, 25].map(listening));
        for (const [i, [at, socket]] of scan.sockets.entries()) sockets.push(connection(at, i, socket));
        const { rows } = guard.scan(null, DEFAULT_SOURCE_PREFIXES, 0);
        const { proofs } = census.scan(EVERYTHING, 0);
        assert.deepEqual(summed([proofs.accepted, proofs.waiting]), summed([rows.counts]));
      }
    }),
    { numRuns: 200 },
  );
});

function summed(columns: readonly Uint32Array[]) {
  const sum = new Uint32Array(PROOF_COUNT);
  for (const column of columns) {
    for (const [i, count] of column.entries()) sum[i % PROOF_COUNT]! += count;
  }
  return proofCounts(sum, 0);
}
