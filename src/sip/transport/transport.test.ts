// The pure parts of the transports: frames, the WebSocket handshake, names of certificates, the meaning of silence.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { bytesOf } from "../message/text.ts";
import { garbageVerdict, NOTHING_HEARD, silenceVerdict } from "../probe/verdict.ts";
import { daysUntil, matchName, splitNames } from "./certificate.ts";
import { webSocketCodec } from "./codec.ts";
import { encodeFrame, FRAME_BYTES_MAX, FrameReader, Opcode } from "./ws-frame.ts";
import { handshakeRequest, readHandshakeAnswer } from "./ws-handshake.ts";

/** The same frame as a server sends it: without a mask. */
function serverFrame(first: number, payload: Uint8Array): Uint8Array {
  const masked = encodeFrame(Opcode.TEXT, payload, Uint8Array.of(0, 0, 0, 0));
  const head = masked.length - payload.length - 4;
  const frame = Uint8Array.of(...masked.subarray(0, head), ...payload);
  frame[0] = first;
  frame[1] = frame[1]! & 0x7f;
  return frame;
}

test("encodeFrame() masks as RFC 6455 section 5.7 shows", () => {
  const frame = encodeFrame(Opcode.TEXT, bytesOf("Hello"), Uint8Array.of(0x37, 0xfa, 0x21, 0x3d));
  assert.deepEqual([...frame], [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
});

for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 100_000]) {
  test(`a frame of ${length} bytes is read as it was written, however it is cut`, () => {
    const payload = Uint8Array.from({ length }, (_, i) => i & 0xff);
    const frame = serverFrame(0x82, payload);
    const cut = Math.min(3, frame.length - 1);
    const reader = new FrameReader();
    assert.deepEqual(reader.push(frame.subarray(0, cut)), []);
    assert.deepEqual(reader.push(frame.subarray(cut)), [{ kind: "message", payload }]);
    assert.equal(reader.pendingBytes, 0);
  });
}

test("fragments are put together, with a ping between them told at once", () => {
  const reader = new FrameReader();
  const items = [
    serverFrame(0x01, bytesOf("Hel")),
    serverFrame(0x89, bytesOf("?")),
    serverFrame(0x80, bytesOf("lo")),
  ].flatMap((f) => [...reader.push(f)]);
  assert.deepEqual(items, [
    { kind: "ping", payload: bytesOf("?") },
    { kind: "message", payload: bytesOf("Hello") },
  ]);
});

for (const [why, frame] of [
  ["masked", [0x81, 0x80, 0, 0, 0, 0]],
  ["reserved-bits", [0xc1, 0x00]],
  ["unknown-opcode", [0x83, 0x00]],
  ["bad-control", [0x09, 0x00]],
  ["bad-control", [0x88, 126, 0, 200]],
  ["bad-continuation", [0x80, 0x00]],
  ["too-long", [0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0]],
] as const) {
  test(`a frame that is wrong is broken as ${why}`, () => {
    const reader = new FrameReader();
    assert.deepEqual(reader.push(Uint8Array.from(frame)), [{ kind: "broken", why }]);
    assert.deepEqual(reader.push(serverFrame(0x81, bytesOf("x"))), [], "nothing comes after it");
  });
}

test("a close frame tells its code and reason", () => {
  assert.deepEqual(new FrameReader().push(serverFrame(0x88, bytesOf("\x03\xf1no\x1b"))), [
    { kind: "close", code: 1009, reason: "no " },
  ]);
  assert.deepEqual(new FrameReader().push(serverFrame(0x88, bytesOf(""))), [
    { kind: "close", code: null, reason: "" },
  ]);
});

test("any bytes are frames or one broken frame, in bounded memory", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 10 }), (chunks) => {
      const reader = new FrameReader();
      const items = chunks.flatMap((chunk) => [...reader.push(chunk)]);
      assert.ok(items.filter((item) => item.kind === "broken").length <= 1);
      assert.ok(reader.pendingBytes <= FRAME_BYTES_MAX);
    }),
  );
});

test("webSocketCodec() answers a ping with a masked pong of the same bytes", () => {
  const codec = webSocketCodec(() => Uint8Array.of(1, 2, 3, 4));
  const [reply] = codec.decode(serverFrame(0x89, bytesOf("abc")));
  assert.deepEqual(reply, {
    kind: "reply",
    bytes: encodeFrame(Opcode.PONG, bytesOf("abc"), Uint8Array.of(1, 2, 3, 4)),
  });
  assert.deepEqual(codec.decode(serverFrame(0x81, bytesOf("\r\n"))), [{ kind: "pong" }]);
});

const OPEN = "HTTP/1.1 101 Switching\r\nsec-websocket-ACCEPT:  key=\r\nSec-WebSocket-Protocol: SIP\r\n\r\n";
for (const [name, text, kind] of [
  ["an open WebSocket", OPEN, "open"],
  ["half an answer", OPEN.slice(0, 40), "incomplete"],
  ["a refusal", "HTTP/1.1 403 Forbidden\r\n\r\n", "ws-http"],
  ["another key", OPEN.replace("key=", "other="), "ws-bad-handshake"],
  ["another subprotocol", OPEN.replace("SIP", "chat"), "ws-no-subprotocol"],
  ["no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", "ws-bad-handshake"],
  ["headers without end", `HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(4000)}`, "ws-bad-handshake"],
] as const) {
  test(`readHandshakeAnswer() reads ${name}`, () => {
    const answer = readHandshakeAnswer(bytesOf(text), "key=");
    assert.equal(answer.kind === "refused" ? answer.outcome : answer.kind, kind);
  });
}

test("readHandshakeAnswer() keeps the frames that came behind it", () => {
  const answer = readHandshakeAnswer(bytesOf(`${OPEN}\x81\x00`), "key=");
  assert.deepEqual(answer, { kind: "open", rest: Uint8Array.of(0x81, 0) });
});

test("handshakeRequest() asks for the subprotocol sip", () => {
  assert.match(
    Buffer.from(handshakeRequest("a:80", "/x", "k")).toString(),
    /^GET \/x HTTP\/1\.1\r\nHost: a:80\r\n.*Sec-WebSocket-Protocol: sip\r\n/s,
  );
});

for (const [subjectAltName, commonName, host, match] of [
  ["DNS:a.example, URI:sip:b.example", null, "B.example.", "exact"],
  ["DNS:*.example", null, "a.example", "wildcard"],
  ["DNS:*.example", null, "a.b.example", "none"],
  ["DNS:*.example", null, "example", "none"],
  ["DNS:a.example", "b.example", "b.example", "none"],
  [null, "b.example", "b.example", "exact"],
  ["URI:sip:alice@a.example", "a.example", "a.example", "none"],
  ["IP Address:2001:DB8:0:0:0:0:0:1", null, "2001:db8::1", "exact"],
  ["DNS:192.0.2.1", null, "192.0.2.1", "none"],
  ['DNS:"x, DNS:a.example"', null, "a.example", "none"],
] as const) {
  test(`matchName(): ${subjectAltName ?? commonName} for ${host} is ${match}`, () => {
    assert.equal(matchName({ subjectAltName, commonName }, host), match);
  });
}

test("any alternative names are split in bounded time", () => {
  fc.assert(fc.property(fc.string(), (text) => assert.ok(splitNames(text).length <= text.length)));
});

test("daysUntil() counts whole days and goes below zero", () => {
  const day = 86_400_000;
  assert.deepEqual([daysUntil(10 * day, 0), daysUntil(day - 1, 0), daysUntil(0, 1)], [10, 0, -1]);
});

test("silenceVerdict() names silence by what was heard in it", () => {
  const verdict = (heard: Partial<typeof NOTHING_HEARD>, pending = 0) =>
    silenceVerdict({ ...NOTHING_HEARD, ...heard }, pending).outcome;
  assert.equal(verdict({}), "no-response");
  assert.equal(verdict({ provisional: 100, strays: 1 }), "no-final-response");
  assert.equal(verdict({}, 7), "half-message");
  assert.equal(verdict({ half: true, garbage: "x" }), "half-message");
  assert.equal(verdict({ garbage: "x", strays: 1 }), "bad-response");
  assert.equal(verdict({ strays: 1 }), "stray-response");
  assert.equal(
    garbageVerdict({ kind: "garbage", code: "body-too-long", position: 1 }).outcome,
    "endless-response",
  );
});
