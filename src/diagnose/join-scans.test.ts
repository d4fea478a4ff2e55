// Two scans of a made-up kernel, joined: what is of the first scan, what of the second, and what is counted apart.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { between, kernelWith } from "../census/fakes.ts";
import { EVERYTHING, headroomOf } from "../census/index.ts";
import { type FakeSocket, fakeInfo } from "../linux/fakes.ts";
import { HOST_ROOT, type SystemRoot } from "../linux/index.ts";
import { NO_SLOTS, type ProofCounts, TcpState } from "../model/index.ts";
import { CensusTracker } from "../track/index.ts";
import { diagnose } from "./diagnose.ts";
import { joinScans } from "./join-scans.ts";

/** A machine without processes: looking for the owners of listeners takes no time. */
const root: SystemRoot = { ...HOST_ROOT, proc: mkdtempSync(path.join(tmpdir(), "sockwarden-proc-")) };
after(() => rmSync(root.proc, { recursive: true }));

const listening = (rqueue: number): Partial<FakeSocket> => ({
  ...between("0.0.0.0", 5060, "0.0.0.0", 0),
  state: TcpState.LISTEN,
  inode: 4_000_000_001,
  rqueue,
  wqueue: 128,
});

/** The connections of one source, told apart by their ports, which are their cookies as well. */
const of = (source: string, ports: readonly number[], different: Partial<FakeSocket>) =>
  ports.map((port) => ({
    ...between("192.0.2.1", 5060, source, port),
    cookie: [port, 0] as const,
    ...different,
  }));

/** So many CRLFCRLF and nothing else. */
const pings = (many: number): Partial<FakeSocket> => ({
  info: fakeInfo({
    bytesReceived: BigInt(4 * many),
    dataSegmentsReceived: many,
    bytesAcked: BigInt(2 * many),
    dataSegmentsSent: many,
    lastDataReceived: 100,
  }),
});
const old = { info: fakeInfo({ lastDataReceived: 60_000 }) };

function joined(first: readonly Partial<FakeSocket>[], second: readonly Partial<FakeSocket>[]) {
  const sockets = [...first];
  using tracker = new CensusTracker({ root, transport: kernelWith(sockets) });
  const before = tracker.scan(EVERYTHING, 0);
  sockets.splice(0, sockets.length, ...second);
  const [listener] = joinScans(before, tracker.scan(EVERYTHING, 0));
  return listener!;
}

const counted = (proofs: ProofCounts) => Object.fromEntries(Object.entries(proofs).filter(([, n]) => n > 0));

test("what connections have shown is of the second scan, and what waits is counted apart", () => {
  const hoarder = of("203.0.113.7", [1, 2, 3], old);
  const waits = of("203.0.113.7", [4], { ...old, inode: 0 });
  const gaveUp = of("198.51.100.9", [5], { state: TcpState.CLOSE_WAIT, inode: 0 });
  const listener = joined(
    [listening(1), ...hoarder.slice(0, 1)],
    [listening(2), ...gaveUp, ...hoarder, ...waits],
  );
  assert.deepEqual([listener.connectionsBefore, listener.connections], [1, 5]);
  assert.deepEqual(counted(listener.accepted), { silent: 3 });
  assert.deepEqual(counted(listener.waiting), { silent: 1, abandoned: 1 });
  assert.deepEqual(listener.backlog, { used: 2, usedBefore: 1, limit: 128 });
  const [first] = listener.sources;
  assert.deepEqual(
    [first!.source, first!.connectionsBefore, first!.connections],
    ["203.0.113.7", 1, 4],
    "the largest source first",
  );
});

test("who kept alive and nothing else at both scans is a hoarder, who began meanwhile is not yet", () => {
  const ports = Array.from({ length: 120 }, (_, i) => i + 1);
  const observe = (atFirst: readonly number[]) => {
    const listener = joined(
      [listening(0), ...of("203.0.113.7", atFirst, pings(3))],
      [listening(0), ...of("203.0.113.7", ports, pings(4))],
    );
    const kernel = { rose: new Map<string, number>(), conntrack: null, openFiles: null, tcpMemory: null };
    const headroom = headroomOf({ ...NO_SLOTS, used: listener.connections }, 0);
    const listeners = [{ ...listener, headroom, programLimit: null }];
    return diagnose({ seconds: 5, listeners, kernel, history: null }).verdict;
  };
  assert.equal(observe(ports), "single-source-hoard");
  assert.equal(observe([]), "healthy");
});
