// The decoder against bytes of a real kernel (fixtures/README.md tells what was recorded).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { formatAddress, TcpState } from "../model/index.ts";
import { decodeDump, noLosses } from "./inet-diag-decode.ts";
import { AF_INET, AF_INET6 } from "./inet-diag-layout.ts";
import { messageBufferOf } from "./netlink-message.ts";
import { NOT_TOLD, SocketTable } from "./socket-table.ts";

const recording = new Uint8Array(readFileSync(new URL("./fixtures/linux-6.18-mixed.bin", import.meta.url)));
const portId = new DataView(recording.buffer).getUint32(12, true);

/** The sockets of both dumps. They were recorded one after another, with the family as the sequence number. */
function decodeRecording(): { table: SocketTable; foreign: number } {
  const table = new SocketTable();
  const losses = noLosses();
  const buffer = messageBufferOf(recording);
  decodeDump(buffer, recording.length, { sequence: AF_INET, portId }, table, losses);
  const rest = recording.slice(endOfFirstDump());
  decodeDump(messageBufferOf(rest), rest.length, { sequence: AF_INET6, portId }, table, losses);
  return { table, foreign: losses.foreign };
}

function endOfFirstDump(): number {
  const view = new DataView(recording.buffer);
  let offset = 0;
  while (view.getUint32(offset + 8, true) === AF_INET) offset += (view.getUint32(offset, true) + 3) & ~3;
  return offset;
}

const { table, foreign } = decodeRecording();
const rows = Array.from({ length: table.length }, (_, row) => row);
const server = (port: number, state: number): number[] =>
  rows.filter((row) => table.localPort[row] === port && table.state[row] === state);
const addressOf = (column: Uint32Array, row: number): string =>
  formatAddress(new Uint8Array(column.slice(4 * row, 4 * row + 4).buffer));

test("a recorded dump decodes to the sockets that ss listed when it was recorded", () => {
  const states = rows.map((row) => table.state[row]);
  const count = (state: number): number => states.filter((s) => s === state).length;
  assert.equal(foreign, 0);
  assert.equal(table.length, 16);
  assert.deepEqual(
    [TcpState.LISTEN, TcpState.SYN_RECV, TcpState.CLOSE_WAIT, TcpState.TIME_WAIT, TcpState.FIN_WAIT2].map(
      count,
    ),
    [3, 1, 1, 1, 1],
  );
  assert.equal(count(TcpState.ESTABLISHED), 9);
});

test("a dual-stack listener, its accept queue and IPV6_V6ONLY are read from a recording", () => {
  const [dual] = server(5060, TcpState.LISTEN);
  const [only] = server(5080, TcpState.LISTEN);
  assert.equal(addressOf(table.local, dual!), "::");
  assert.deepEqual([table.v6Only[dual!], table.rqueue[dual!], table.wqueue[dual!]], [0, 1, 16]);
  assert.equal(table.v6Only[only!], 1);
});

test("IPv4 peers of a dual-stack listener are recorded with IPv4 addresses", () => {
  const accepted = server(5060, TcpState.ESTABLISHED);
  assert.equal(accepted.length, 4);
  for (const row of accepted) {
    assert.equal(table.family[row], AF_INET6);
    assert.equal(addressOf(table.remote, row), "127.0.0.1");
  }
});

test("byte counters, inodes and timers are read from a recording", () => {
  const accepted = server(5060, TcpState.ESTABLISHED);
  const talked = accepted.filter((row) => table.bytesReceived[row] === 5);
  assert.deepEqual(
    talked.map((row) => [table.bytesAcked[row], table.bytesSent[row]]),
    [[6, 6]],
  );
  assert.equal(accepted.filter((row) => table.inode[row] === 0).length, 1, "one was not accepted");
  const unread = accepted.filter((row) => table.timer[row] === 4);
  assert.deepEqual(
    unread.map((row) => table.bytesNotSent[row]),
    [3_782_144],
  );
  assert.ok(table.lastDataSentMs[unread[0]!]! > 2500);
});

test("half-open and TIME_WAIT sockets carry no tcp_info", () => {
  for (const row of [...server(5070, TcpState.SYN_RECV), ...server(5080, TcpState.TIME_WAIT)]) {
    assert.deepEqual([table.infoBytes[row], table.bytesReceived[row], table.inode[row]], [0, NOT_TOLD, 0]);
  }
});
