import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FAULT_CODES } from "./fault.ts";
import { type Framed, StreamFramer } from "./framer.ts";
import { bytesOf } from "./text.ts";

const OK = "SIP/2.0 200 OK\r\nTo: a\r\nContent-Length: 4\r\n\r\nbody";
const RINGING = "SIP/2.0 180 Ringing\r\nl: 0\r\n\r\n";

const feed = (chunks: readonly Uint8Array[]): readonly Framed[] => {
  const framer = new StreamFramer();
  return chunks.flatMap((chunk) => framer.push(chunk));
};
const names = (framed: readonly Framed[]) =>
  framed.map((f) =>
    f.kind === "message" ? (f.message.kind === "response" ? f.message.code : "request") : f.kind,
  );

test("two messages and a pong in one segment come out in order", () => {
  assert.deepEqual(names(feed([bytesOf(`\r\n${RINGING}${OK}\r\n\r\n`)])), ["pong", 180, 200, "pong"]);
});

test("a stream cut anywhere gives what it gives in one piece", () => {
  const stream = bytesOf(`${RINGING}${OK}${OK}`);
  const whole = feed([stream]);
  assert.deepEqual(names(whole), [180, 200, 200]);
  assert.deepEqual(feed([...stream].map((byte) => Uint8Array.of(byte))), whole, "one byte at a time");
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 8 }), (cuts) => {
      const edges = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
      assert.deepEqual(feed(edges.slice(1).map((edge, i) => stream.subarray(edges[i], edge))), whole);
    }),
  );
});

test("a pong that comes byte by byte is one pong, and LF alone is none", () => {
  assert.deepEqual(names(feed([bytesOf("\r"), bytesOf("\n")])), ["pong"]);
  assert.deepEqual(names(feed([bytesOf("\n\n")])), []);
});

for (const [name, text, code] of [
  ["another protocol's greeting", "220 mail.example ESMTP\r\n", "bad-start-line"],
  ["a TLS alert", "\x15\x03\x01\x00\x02\x02\x46", "bad-start-line"],
  ["a body without a length", "SIP/2.0 200 OK\r\nTo: a\r\n\r\n", "no-content-length"],
  ["a negative length", "SIP/2.0 200 OK\r\nl: -3\r\n\r\n", "bad-content-length"],
  ["endless headers", `SIP/2.0 200 OK\r\nX: ${"a".repeat(66_000)}`, "headers-too-long"],
  ["an endless body", "SIP/2.0 200 OK\r\nl: 2000000\r\n\r\n", "body-too-long"],
] as const) {
  test(`${name} ends the stream as ${code}, at once`, () => {
    const framer = new StreamFramer();
    const framed = framer.push(bytesOf(text));
    assert.equal(framed[0]?.kind === "malformed" && framed[0].code, code);
    assert.deepEqual(framer.push(bytesOf(OK)), [], "nothing comes after a fault");
  });
}

test("pendingBytes tells a half message from silence", () => {
  const framer = new StreamFramer();
  assert.equal(framer.pendingBytes, 0);
  framer.push(bytesOf(OK.slice(0, 30)));
  assert.equal(framer.pendingBytes, 30);
  framer.push(bytesOf(OK.slice(30)));
  assert.equal(framer.pendingBytes, 0);
});

test("any bytes in any pieces are messages, pongs or one listed fault at the end", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(OK, RINGING, "\r\n", OK.slice(0, 20)).map(bytesOf),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 10 }), (pieces) => {
      const framed = feed(pieces);
      const faults = framed.filter((f) => f.kind === "malformed");
      assert.ok(faults.length <= 1);
      if (faults.length === 1)
        assert.ok(framed.at(-1) === faults[0] && FAULT_CODES.includes(faults[0]!.code));
    }),
    { numRuns: 1000 },
  );
});

test("64 kB of headers one byte at a time are searched once, not once a byte", () => {
  const framer = new StreamFramer();
  const start = performance.now();
  for (const byte of bytesOf(`SIP/2.0 200 OK\r\nX: ${"a".repeat(60_000)}`)) framer.push(Uint8Array.of(byte));
  assert.ok(performance.now() - start < 2000, `${performance.now() - start} ms`);
});
