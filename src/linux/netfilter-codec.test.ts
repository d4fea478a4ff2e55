import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FAKE_PORT_ID, fakeTransport, joined } from "./fakes.ts";
import { readNetElements, readSetHeader, writeElements } from "./ipset-codec.ts";
import { eachAttribute, receiveDump } from "./netlink-dump.ts";
import { encodeMessage, MessageFlag, MessageType } from "./netlink-message.ts";
import { NetlinkWriter } from "./netlink-writer.ts";
import { readElements, readGeneration, readSet, type SetElement, writeBatch } from "./nftables-codec.ts";
import { adding, deleting } from "./nftables-socket.ts";

/** A view that begins with what `write` wrote. */
function written(write: (writer: NetlinkWriter) => void): DataView {
  const writer = new NetlinkWriter();
  write(writer);
  const bytes = writer.written().slice();
  return new DataView(bytes.buffer);
}

test("a batch with one new element, byte by byte", () => {
  const view = written((writer) =>
    writeBatch(writer, { table: "t", set: "s" }, [adding([Uint8Array.of(10, 0, 0, 1)], [60_000])], 7),
  );
  const begin = [20, 0, 0, 0, 16, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10];
  const end = [20, 0, 0, 0, 17, 0, 1, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10];
  assert.deepEqual(
    [...new Uint8Array(view.buffer)],
    [
      begin,
      // NEWSETELEM of nf_tables, REQUEST | ACK | CREATE, sequence 8
      [80, 0, 0, 0, 12, 10, 5, 4, 8, 0, 0, 0, 0, 0, 0, 0],
      // struct nfgenmsg: NFPROTO_INET
      [1, 0, 0, 0],
      // table and set
      [6, 0, 1, 0, 0x74, 0, 0, 0, 6, 0, 2, 0, 0x73, 0, 0, 0],
      // the list, an element, its key, the key's value
      [44, 0, 3, 0x80, 40, 0, 1, 0x80, 12, 0, 1, 0x80, 8, 0, 1, 0, 10, 0, 0, 1],
      // its timeout and the rest of it, milliseconds in network order
      [12, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0xea, 0x60, 12, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0xea, 0x60],
      end,
    ].flat(),
  );
});

test("written elements are read back", () => {
  const keys = fc.array(fc.uint8Array({ minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 300 });
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 2 ** 40 }), (all, ms) => {
      const name = { table: "sockwarden", set: "ban4_32_all" };
      const view = written((writer) =>
        writeBatch(
          writer,
          name,
          [
            adding(
              all,
              all.map(() => ms),
            ),
          ],
          1,
        ),
      );
      const elements: SetElement[] = [];
      readElements(view, 20 + 16, 20 + view.getUint32(20, true), elements);
      assert.deepEqual(
        elements.map(({ key }) => [...key]),
        all.map((key) => [...key]),
      );
      for (const { remainingMs, packets } of elements) assert.deepEqual([remainingMs, packets], [ms, null]);
    }),
  );
});

test("a deletion has no timeout", () => {
  const view = written((writer) =>
    writeBatch(writer, { table: "t", set: "s" }, [deleting([Uint8Array.of(1, 2, 3, 4)])], 1),
  );
  const elements: SetElement[] = [];
  readElements(view, 36, 20 + view.getUint32(20, true), elements);
  assert.equal(elements[0]?.remainingMs, Number.POSITIVE_INFINITY);
});

test("written elements of ipset are read back", () => {
  const elements = fc.array(
    fc.record({
      address: fc.oneof(
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
      ),
      length: fc.integer({ min: 1, max: 32 }),
      timeoutSeconds: fc.integer({ min: 1, max: 2_147_483 }),
    }),
  );
  fc.assert(
    fc.property(elements, (all) => {
      const view = written((writer) => writeElements(writer, 0x0609, "sw-ban4-all", all, 1));
      const read: Parameters<typeof readNetElements>[3] = [];
      readNetElements(view, 16, view.byteLength, read);
      assert.deepEqual(
        read.map(({ address, length, timeoutSeconds }) => ({
          address: [...address],
          length,
          timeoutSeconds,
        })),
        all.map(({ address, length, timeoutSeconds }) => ({ address: [...address], length, timeoutSeconds })),
      );
    }),
  );
});

test("any bytes are read without an exception, in bounds and to an end", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const padded = new Uint8Array(bytes.length + 24);
      padded.set(bytes);
      const view = new DataView(padded.buffer);
      readElements(view, 0, bytes.length, []);
      readNetElements(view, 0, bytes.length, []);
      readSet(view, 0, bytes.length);
      readSetHeader(view, 0, bytes.length);
      readGeneration(view, 0, bytes.length);
      eachAttribute(view, 0, bytes.length, (_, from, to) => assert.ok(from <= to && to <= bytes.length));
    }),
  );
});

test("a nested attribute too long for its length field is thrown as a mistake of ours", () => {
  const writer = new NetlinkWriter();
  const nest = writer.beginNest(1);
  writer.raw(new Uint8Array(70_000));
  assert.throws(() => writer.endNest(nest), RangeError);
});

test("clearing a writer leaves nothing behind", () => {
  const writer = new NetlinkWriter();
  writer.bytes(1, new Uint8Array(64).fill(0xff));
  writer.clear();
  writer.u8(2, 1);
  assert.deepEqual([...writer.written()], [5, 0, 2, 0, 1, 0, 0, 0]);
});

const answer = (sequence: number, flags: number, ...payload: number[]): Uint8Array =>
  encodeMessage({ type: 0x0a0c, flags, sequence, portId: FAKE_PORT_ID }, Uint8Array.from(payload));

const done = (sequence: number, errno = 0): Uint8Array =>
  encodeMessage(
    { type: MessageType.DONE, flags: MessageFlag.MULTI, sequence, portId: FAKE_PORT_ID },
    new Uint8Array(new Int32Array([-errno]).buffer),
  );

test("a dump is read over datagrams to its end, skips others' answers and tells of interruptions", () => {
  const transport = fakeTransport((sequence) => [
    joined(answer(sequence, MessageFlag.MULTI, 1), answer(sequence + 7, 0, 99)),
    joined(answer(sequence, MessageFlag.MULTI | MessageFlag.DUMP_INTR, 2), done(sequence)),
  ]);
  transport.send(encodeMessage({ type: 0x0a0d, flags: MessageFlag.REQUEST, sequence: 3 }));
  const seen: number[] = [];
  const end = receiveDump(transport, 3, (view, start) => seen.push(view.getUint8(start)));
  assert.deepEqual(seen, [1, 2]);
  assert.deepEqual({ ...end, errno: Math.abs(end.errno) }, { errno: 0, interrupted: true });
});

test("a dump that the kernel ends with an errno says so", () => {
  const transport = fakeTransport((sequence) => [done(sequence, 2)]);
  transport.send(encodeMessage({ type: 0x0a0d, flags: MessageFlag.REQUEST, sequence: 3 }));
  assert.equal(receiveDump(transport, 3, () => {}).errno, 2);
});

test("a message longer than its datagram is refused", () => {
  const broken = answer(3, 0, 1);
  new DataView(broken.buffer).setUint32(0, 1000, true);
  const transport = fakeTransport(() => [broken]);
  transport.send(encodeMessage({ type: 0x0a0d, flags: MessageFlag.REQUEST, sequence: 3 }));
  assert.throws(() => receiveDump(transport, 3, () => {}), /1000 bytes/);
});
