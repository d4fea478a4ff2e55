import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import {
  encodeDone,
  encodeError,
  encodeSocket,
  FAKE_PORT_ID,
  type FakeSocket,
  fakeInfo,
  fakeSocket,
  joined,
} from "./fakes.ts";
import { type DecodeLosses, type DecodeOutcome, decodeDump, noLosses } from "./inet-diag-decode.ts";
import { AF_INET, AF_INET6, SOCK_DIAG_BY_FAMILY } from "./inet-diag-layout.ts";
import { encodeMessage, MessageFlag, messageBufferOf } from "./netlink-message.ts";
import { NOT_TOLD, SocketTable } from "./socket-table.ts";

const SEQUENCE = 7;
const EXPECTED = { sequence: SEQUENCE, portId: FAKE_PORT_ID };

interface Decoded {
  readonly table: SocketTable;
  readonly losses: DecodeLosses;
  readonly outcome: DecodeOutcome;
}

function decode(bytes: Uint8Array, table = new SocketTable()): Decoded {
  const losses = noLosses();
  const outcome = decodeDump(messageBufferOf(bytes), bytes.length, EXPECTED, table, losses);
  return { table, losses, outcome };
}

const lossCount = (losses: DecodeLosses): number => Object.values(losses).reduce((sum, n) => sum + n, 0);

const u32 = fc.integer({ min: 0, max: 0xffffffff });
const u8 = fc.integer({ min: 0, max: 0xff });
const port = fc.integer({ min: 0, max: 0xffff });
const counter = fc.bigInt({ min: 0n, max: 2n ** 53n - 1n });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const infos = fc.record({
  // 2.6, 4.1, 4.9, 4.19, 5.15, 6.1, 6.18 and a kernel yet to come.
  bytes: fc.constantFrom(104, 136, 168, 224, 232, 240, 248, 280),
  backoff: u8,
  unacked: u32,
  lastDataSent: u32,
  lastDataReceived: u32,
  lastAckReceived: u32,
  bytesAcked: counter,
  bytesReceived: counter,
  bytesNotSent: u32,
  dataSegmentsReceived: u32,
  dataSegmentsSent: u32,
  bytesSent: counter,
  bytesRetransmitted: counter,
});
const sockets: fc.Arbitrary<FakeSocket> = fc.constantFrom(AF_INET, AF_INET6).chain((family) =>
  fc.record({
    family: fc.constant(family),
    state: fc.integer({ min: 1, max: 11 }),
    timer: fc.integer({ min: 0, max: 4 }),
    retrans: u8,
    localPort: port,
    remotePort: port,
    local: bytes(family === AF_INET ? 4 : 16),
    remote: bytes(family === AF_INET ? 4 : 16),
    interfaceIndex: u32,
    cookie: fc.tuple(u32, u32),
    rqueue: u32,
    wqueue: u32,
    uid: u32,
    inode: u32,
    info: fc.option(infos),
    cgroup: fc.option(counter),
    v6Only: fc.option(fc.boolean()),
  }),
);

/** A row of the table in the encoder's terms, so that the two can be compared whole. */
function rowOf(table: SocketTable, row: number): object {
  return {
    family: table.family[row],
    state: table.state[row],
    timer: table.timer[row],
    retrans: table.retrans[row],
    localPort: table.localPort[row],
    remotePort: table.remotePort[row],
    local: new Uint8Array(table.local.slice(4 * row, 4 * row + 4).buffer),
    remote: new Uint8Array(table.remote.slice(4 * row, 4 * row + 4).buffer),
    interfaceIndex: table.interfaceIndex[row],
    cookie: [table.cookieLow[row], table.cookieHigh[row]],
    rqueue: table.rqueue[row],
    wqueue: table.wqueue[row],
    uid: table.uid[row],
    inode: table.inode[row],
    infoBytes: table.infoBytes[row],
    backoff: table.backoff[row],
    unacked: table.unacked[row],
    lastDataSent: table.lastDataSentMs[row],
    lastDataReceived: table.lastDataReceivedMs[row],
    lastAckReceived: table.lastAckReceivedMs[row],
    bytesAcked: table.bytesAcked[row],
    bytesReceived: table.bytesReceived[row],
    bytesNotSent: table.bytesNotSent[row],
    dataSegmentsReceived: table.dataSegmentsReceived[row],
    dataSegmentsSent: table.dataSegmentsSent[row],
    bytesSent: table.bytesSent[row],
    bytesRetransmitted: table.bytesRetransmitted[row],
    cgroup: table.cgroup[row],
    v6Only: table.v6Only[row],
  };
}

function expectedRow(socket: FakeSocket): object {
  const { info, cgroup, v6Only, ...rest } = socket;
  const mapped = (address: Uint8Array): Uint8Array =>
    address.length === 16 ? address : Uint8Array.of(...new Array(10).fill(0), 0xff, 0xff, ...address);
  const has = (end: number): boolean => info !== null && info.bytes >= end;
  return {
    ...rest,
    local: mapped(socket.local),
    remote: mapped(socket.remote),
    cookie: [...socket.cookie],
    infoBytes: info?.bytes ?? 0,
    backoff: info?.backoff ?? 0,
    unacked: info?.unacked ?? 0,
    lastDataSent: info?.lastDataSent ?? 0,
    lastDataReceived: info?.lastDataReceived ?? 0,
    lastAckReceived: info?.lastAckReceived ?? 0,
    bytesAcked: has(136) ? Number(info!.bytesAcked) : NOT_TOLD,
    bytesReceived: has(136) ? Number(info!.bytesReceived) : NOT_TOLD,
    bytesNotSent: has(148) ? info!.bytesNotSent : NOT_TOLD,
    dataSegmentsReceived: has(160) ? info!.dataSegmentsReceived : NOT_TOLD,
    dataSegmentsSent: has(160) ? info!.dataSegmentsSent : NOT_TOLD,
    bytesSent: has(216) ? Number(info!.bytesSent) : NOT_TOLD,
    bytesRetransmitted: has(216) ? Number(info!.bytesRetransmitted) : NOT_TOLD,
    cgroup: cgroup === null ? NOT_TOLD : Number(cgroup),
    v6Only: v6Only === true ? 1 : 0,
  };
}

test("decodeDump() gives back every field that was encoded, for every length of tcp_info", () => {
  fc.assert(
    fc.property(fc.array(sockets, { maxLength: 20 }), (list) => {
      const datagram = joined(...list.map((socket) => encodeSocket(socket, SEQUENCE)), encodeDone(SEQUENCE));
      const { table, losses, outcome } = decode(datagram);
      assert.deepEqual(outcome, { kind: "done", interrupted: false });
      assert.equal(lossCount(losses), 0);
      assert.deepEqual(
        list.map((_, row) => rowOf(table, row)),
        list.map(expectedRow),
      );
      assert.equal(table.length, list.length);
    }),
  );
});

test("decodeDump() keeps the rows before a truncated message and counts it", () => {
  const whole = joined(encodeSocket(fakeSocket(), SEQUENCE), encodeSocket(fakeSocket(), SEQUENCE));
  const { table, losses } = decode(whole.slice(0, whole.length - 8));
  assert.equal(table.length, 1);
  assert.deepEqual(losses, { ...noLosses(), truncated: 1 });
});

const broken: readonly (readonly [string, Uint8Array, keyof DecodeLosses])[] = [
  ["a message shorter than inet_diag_msg", header(SOCK_DIAG_BY_FAMILY, new Uint8Array(40)), "truncated"],
  ["another request's answer", encodeSocket(fakeSocket(), SEQUENCE + 1), "foreign"],
  ["another socket's answer", changed(encodeSocket(fakeSocket(), SEQUENCE), 12, 1), "foreign"],
  ["a message type nobody asked for", header(99, new Uint8Array(80)), "unexpected"],
  ["an address family nobody asked for", encodeSocket(fakeSocket({ family: 1 }), SEQUENCE), "unexpected"],
  [
    "tcp_info shorter than any kernel's",
    encodeSocket(fakeSocket({ info: fakeInfo({ bytes: 60 }) }), SEQUENCE),
    "malformed",
  ],
  [
    "an attribute longer than its message",
    changed(encodeSocket(fakeSocket(), SEQUENCE), 16 + 72, 0xff),
    "malformed",
  ],
  [
    "an attribute shorter than its header",
    changed(encodeSocket(fakeSocket(), SEQUENCE), 16 + 72, 3),
    "malformed",
  ],
];

for (const [name, message, cause] of broken) {
  test(`decodeDump() counts ${name} as ${cause} and goes on`, () => {
    const { table, losses, outcome } = decode(
      joined(message, encodeSocket(fakeSocket({ inode: 99 }), SEQUENCE)),
    );
    assert.equal(outcome.kind, "more");
    assert.deepEqual(losses, { ...noLosses(), [cause]: 1 });
    assert.equal(table.inode[table.length - 1], 99, "the message after it is decoded");
  });
}

test("decodeDump() reports a message that claims to be shorter than its header, and stops there", () => {
  const { table, losses } = decode(
    joined(changed(encodeDone(SEQUENCE), 0, 4), encodeSocket(fakeSocket(), SEQUENCE)),
  );
  assert.equal(table.length, 0);
  assert.equal(losses.truncated, 1);
});

test("decodeDump() reports the kernel's errno, and an acknowledgement as the end", () => {
  assert.deepEqual(decode(encodeError(2, SEQUENCE)).outcome, { kind: "error", errno: 2 });
  assert.deepEqual(decode(encodeDone(SEQUENCE, 2)).outcome, { kind: "error", errno: 2 });
  assert.deepEqual(decode(encodeError(0, SEQUENCE)).outcome, { kind: "done", interrupted: false });
});

test("decodeDump() reports that the table changed during the dump", () => {
  const flags = MessageFlag.MULTI | MessageFlag.DUMP_INTR;
  assert.deepEqual(decode(encodeSocket(fakeSocket(), SEQUENCE, flags)).outcome, {
    kind: "more",
    interrupted: true,
  });
});

test("decodeDump() turns any bytes into a table or counted losses, in bounded time", () => {
  const recordings = readdirSync(new URL("./fixtures/", import.meta.url))
    .filter((name) => name.endsWith(".bin"))
    .map((name) => new Uint8Array(readFileSync(new URL(`./fixtures/${name}`, import.meta.url))));
  const mutated = fc
    .tuple(fc.constantFrom(...recordings), fc.array(fc.tuple(fc.nat(), u8), { maxLength: 30 }), fc.nat())
    .map(([recording, edits, cut]) => {
      const copy = recording.slice(0, 1 + (cut % recording.length));
      for (const [at, value] of edits) copy[at % copy.length] = value;
      return addressed(copy);
    });
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 4096 }),
        fc.uint8Array({ maxLength: 4096 }).map(addressed),
        mutated,
      ),
      (any) => {
        const startMs = performance.now();
        const { table, losses } = decode(any);
        assert.ok(table.length <= any.length / 88);
        assert.ok(lossCount(losses) <= any.length / 4 + 1);
        assert.ok(performance.now() - startMs < 500);
      },
    ),
    { numRuns: 3000 },
  );
});

function header(type: number, body: Uint8Array): Uint8Array {
  return encodeMessage({ type, flags: MessageFlag.MULTI, sequence: SEQUENCE, portId: FAKE_PORT_ID }, body);
}

function changed(message: Uint8Array, at: number, value: number): Uint8Array {
  const copy = message.slice();
  copy[at] = value;
  return copy;
}

/** Addresses every readable message to us, so that a fuzzed datagram gets past the first check. */
function addressed(datagram: Uint8Array): Uint8Array {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
  for (let offset = 0; offset + 16 <= datagram.length; ) {
    view.setUint32(offset + 8, SEQUENCE, true);
    view.setUint32(offset + 12, FAKE_PORT_ID, true);
    const size = view.getUint32(offset, true);
    if (size < 16 || size > datagram.length) break;
    offset += (size + 3) & ~3;
  }
  return datagram;
}
