import assert from "node:assert/strict";
import { test } from "node:test";
import { type FakeSocket, fakeInfo } from "../linux/fakes.ts";
import type { SocketTable } from "../linux/index.ts";
import { CONDUCTS, PROFILES, type Profile, TcpState } from "../model/index.ts";
import { conductOf, isDialled } from "./conduct.ts";
import { tableOf } from "./fakes.ts";
import { stuckAtLeastMs } from "./stuck.ts";

const SIP = PROFILES.sip;
const spoken = { bytesReceived: 300n, bytesAcked: 400n, bytesSent: 400n };

const cases: readonly (readonly [name: string, socket: Partial<FakeSocket>, conduct: string])[] = [
  ["SYN_RECV", { state: TcpState.SYN_RECV, info: null, inode: 0 }, "halfOpen"],
  ["FIN_WAIT1", { state: TcpState.FIN_WAIT1 }, "closing"],
  ["FIN_WAIT2", { state: TcpState.FIN_WAIT2 }, "closing"],
  ["CLOSING", { state: TcpState.CLOSING }, "closing"],
  ["LAST_ACK", { state: TcpState.LAST_ACK }, "closing"],
  ["TIME_WAIT", { state: TcpState.TIME_WAIT, info: null, inode: 0 }, "closing"],
  ["CLOSE_WAIT", { state: TcpState.CLOSE_WAIT }, "leaked"],
  ["CLOSE_WAIT before it was accepted", { state: TcpState.CLOSE_WAIT, inode: 0 }, "leaked"],
  ["ESTABLISHED without an inode", { inode: 0 }, "queued"],
  ["no byte yet, 29 s old", { info: fakeInfo({ lastDataReceived: 29_999 }) }, "fresh"],
  ["no byte yet, 30 s old", { info: fakeInfo({ lastDataReceived: 30_000 }) }, "silent"],
  ["spoke within the normal silence", { info: fakeInfo({ ...spoken, lastDataReceived: 120_000 }) }, "active"],
  [
    "quiet for longer than the normal silence",
    { info: fakeInfo({ ...spoken, lastDataReceived: 120_001 }) },
    "idle",
  ],
  [
    "data resent eight times, the first after 200 ms: for 51 s at least",
    { timer: 1, retrans: 8, info: fakeInfo({ ...spoken, unacked: 1, backoff: 8, rto: 51_200 }) },
    "stalled",
  ],
  [
    "data resent seven times: for 25.4 s at least, and nobody knows whether longer",
    { timer: 1, retrans: 7, info: fakeInfo({ ...spoken, unacked: 1, backoff: 7, rto: 25_600 }) },
    "active",
  ],
  [
    "data resent eight times to a peer that goes on sending",
    {
      timer: 1,
      retrans: 8,
      info: fakeInfo({ ...spoken, unacked: 1, backoff: 8, rto: 51_200, lastAckReceived: 100 }),
    },
    "stalled",
  ],
  [
    "data resent three times to a peer that was quiet for a minute before",
    {
      timer: 1,
      retrans: 3,
      info: fakeInfo({ ...spoken, unacked: 1, backoff: 3, rto: 1600, lastAckReceived: 61_400 }),
    },
    "active",
  ],
  [
    "data sent after a long pause, not acknowledged yet",
    { timer: 1, retrans: 0, info: fakeInfo({ ...spoken, unacked: 1, lastAckReceived: 60_000 }) },
    "active",
  ],
  [
    "31 keepalive probes unanswered: a second apart at the least",
    { timer: 2, retrans: 31, info: fakeInfo({ ...spoken, lastAckReceived: 3_600_000 }) },
    "stalled",
  ],
  [
    "the first keepalive probe unanswered, after an hour of silence",
    { timer: 2, retrans: 1, info: fakeInfo({ ...spoken, lastAckReceived: 3_600_000 }) },
    "active",
  ],
  [
    "keepalive timer running, no probe out",
    { timer: 2, retrans: 0, info: fakeInfo({ ...spoken, lastAckReceived: 31_000 }) },
    "active",
  ],
  [
    "a closed window, although the peer acknowledges every probe",
    { timer: 4, wqueue: 9000, info: fakeInfo({ ...spoken, backoff: 8, rto: 200, lastAckReceived: 100 }) },
    "stalled",
  ],
  [
    "a window that closed a moment ago, a minute after the last data",
    { timer: 4, wqueue: 9000, info: fakeInfo({ ...spoken, backoff: 1, lastDataSent: 60_900 }) },
    "active",
  ],
  ["a kernel that does not count received bytes", { info: fakeInfo({ bytes: 104 }) }, "active"],
];

/** As one scan alone tells it. */
const conductIn = (table: SocketTable, profile: Profile): number =>
  conductOf(table, 0, profile, stuckAtLeastMs(table, 0));

for (const [name, socket, conduct] of cases) {
  test(`${name} is ${conduct}`, () => {
    assert.equal(CONDUCTS[conductIn(tableOf(socket), SIP)], conduct);
  });
}

test("a profile without a normal silence never finds anybody idle", () => {
  const table = tableOf({ info: fakeInfo({ ...spoken, lastDataReceived: 4_000_000_000 }) });
  assert.equal(CONDUCTS[conductIn(table, PROFILES.generic)], "active");
});

// bytes_acked of the end that dialled counts its SYN; ss shows it as one more than bytes_sent.
const directions: readonly (readonly [name: string, socket: Partial<FakeSocket>, dialled: boolean])[] = [
  ["accepted, nothing sent", { info: fakeInfo() }, false],
  ["dialled, nothing sent", { info: fakeInfo({ bytesAcked: 1n }) }, true],
  ["accepted, all acknowledged", { info: fakeInfo({ bytesSent: 100n, bytesAcked: 100n }) }, false],
  ["dialled, all acknowledged", { info: fakeInfo({ bytesSent: 100n, bytesAcked: 101n }) }, true],
  [
    "dialled, part of it sent twice",
    { info: fakeInfo({ bytesSent: 134_518n, bytesRetransmitted: 34_518n, bytesAcked: 100_001n }) },
    true,
  ],
  [
    "accepted, 40 bytes in flight and 9 not sent",
    { wqueue: 49, info: fakeInfo({ bytesSent: 100n, bytesAcked: 60n, unacked: 1, bytesNotSent: 9 }) },
    false,
  ],
  [
    "dialled, 40 bytes in flight and 9 not sent",
    { wqueue: 49, info: fakeInfo({ bytesSent: 100n, bytesAcked: 61n, unacked: 1, bytesNotSent: 9 }) },
    true,
  ],
  ["dialling", { state: TcpState.SYN_SENT, info: fakeInfo({ unacked: 1 }) }, true],
  ["dialled, closed by the peer", { state: TcpState.CLOSE_WAIT, info: fakeInfo({ bytesAcked: 1n }) }, true],
  ["a kernel before 4.19 that does not say", { info: fakeInfo({ bytes: 168, bytesAcked: 1n }) }, false],
];

for (const [name, socket, dialled] of directions) {
  test(`isDialled(): ${name}: ${dialled}`, () => assert.equal(isDialled(tableOf(socket), 0), dialled));
}
