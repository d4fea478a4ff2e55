import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkMessage } from "./check.ts";
import { FAULT_CODES, type FaultCode, type Malformed } from "./fault.ts";
import { headerValue } from "./header.ts";
import { parseMessage, type SipMessage } from "./parse.ts";
import { header, serializeMessage } from "./serialize.ts";
import { bytesOf, utf8ByteString } from "./text.ts";

const parse = (text: string) => parseMessage(bytesOf(utf8ByteString(text)));
const parsed = (text: string): SipMessage => {
  const message = parse(text);
  assert.notEqual(message.kind, "malformed", JSON.stringify(message));
  return message as SipMessage;
};

test("parseMessage() reads a response with compact names, folded values and LWS around the colon", () => {
  const message = parsed(
    "SIP/2.0 200 OK\r\nv: SIP/2.0/UDP a;branch=z9hG4bK1\r\nSUBJECT  :\t one\r\n\t two\r\n  three\r\nl: 3\r\n\r\nabcdef",
  );
  assert.equal(message.kind === "response" && message.code, 200);
  assert.equal(headerValue(message.headers, "Via"), "SIP/2.0/UDP a;branch=z9hG4bK1");
  assert.equal(headerValue(message.headers, "Subject"), "one two three");
  assert.deepEqual(message.body, bytesOf("abc"), "bytes behind Content-Length are noise in a datagram");
});

for (const [name, text, code, reason] of [
  ["an empty reason", "SIP/2.0 200 \r\n\r\n", 200, ""],
  ["no space before the missing reason", "SIP/2.0 100\r\n\r\n", 100, ""],
  ["a version in lower case", "sip/2.0 486 Busy Here\r\n\r\n", 486, "Busy Here"],
  ["newlines in front", "\r\n\n\r\nSIP/2.0 699 x\r\n\r\n", 699, "x"],
  ["bare LF line ends", "SIP/2.0 200 OK\nTo: a\n\n", 200, "OK"],
  ["LF and CRLF mixed", "SIP/2.0 200 OK\r\nTo: a\n\r\n", 200, "OK"],
] as const) {
  test(`parseMessage() accepts a status line with ${name}`, () => {
    const message = parsed(text);
    assert.ok(message.kind === "response");
    assert.deepEqual([message.code, message.reason], [code, reason]);
  });
}

for (const [name, text, code, position] of [
  ["nothing", "", "empty", 0],
  ["newlines alone", "\r\n\r\n", "empty", 0],
  ["half a header block", "SIP/2.0 200 OK\r\nTo: a\r\n", "no-blank-line", 23],
  ["another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n", "bad-start-line", 0],
  ["another version", "SIP/7.0 200 OK\r\n\r\n", "bad-version", 0],
  ["a code above 699", "SIP/2.0 4294967301 OK\r\n\r\n", "bad-status-code", 8],
  ["a code below 100", "SIP/2.0 099 OK\r\n\r\n", "bad-status-code", 8],
  ["two spaces in the request line", "OPTIONS  sip:a SIP/2.0\r\n\r\n", "bad-start-line", 0],
  ["a method that is no token", "OPT@IONS sip:a SIP/2.0\r\n\r\n", "bad-method", 0],
  ["a request URI in brackets", "OPTIONS <sip:a> SIP/2.0\r\n\r\n", "bad-request-uri", 8],
  ["a line without a colon", "SIP/2.0 200 OK\r\nTo\r\n\r\n", "bad-header-line", 16],
  ["a header name with a space", "SIP/2.0 200 OK\r\nMy To: a\r\n\r\n", "bad-header-line", 16],
  ["a start line that is continued", "SIP/2.0 200 OK\r\n folded\r\n\r\n", "bad-header-line", 16],
  ["a carriage return alone", "SIP/2.0 200 OK\r\nTo: a\rb\r\n\r\n", "bare-cr", 21],
  ["a negative Content-Length", "SIP/2.0 200 OK\r\nl: -1\r\n\r\n", "bad-content-length", 19],
  ["a Content-Length in hex", "SIP/2.0 200 OK\r\nl: 0x1\r\n\r\n", "bad-content-length", 19],
  ["an endless Content-Length", "SIP/2.0 200 OK\r\nl: 99999999\r\n\r\n", "body-too-long", 19],
  ["two lengths that disagree", "SIP/2.0 200 OK\r\nl: 1\r\nl: 2\r\n\r\nab", "conflicting-content-length", 25],
  ["a body that was cut", "SIP/2.0 200 OK\r\nl: 9\r\n\r\nab", "body-too-short", 26],
] as const satisfies readonly (readonly [string, string, FaultCode, number])[]) {
  test(`parseMessage() calls ${name} ${code} at byte ${position}`, () => {
    assert.deepEqual(parse(text), { kind: "malformed", code, position } satisfies Malformed);
  });
}

test("parseMessage() bounds headers by bytes and by count", () => {
  const long = parse(`SIP/2.0 200 OK\r\nX: ${"a".repeat(70_000)}\r\n\r\n`);
  assert.equal((long as Malformed).code, "headers-too-long");
  const many = parse(`SIP/2.0 200 OK\r\n${"X:\r\n".repeat(1001)}\r\n`);
  assert.equal((many as Malformed).code, "too-many-headers");
  assert.equal((parse("x".repeat(70_000)) as Malformed).code, "headers-too-long");
});

test("any bytes are a message or a listed fault inside them", () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), nearlySip), (bytes) => {
      const message = parseMessage(bytes);
      const fault = message.kind === "malformed" ? message : checkMessage(message);
      if (fault === null) return;
      assert.ok(FAULT_CODES.includes(fault.code));
      assert.ok(fault.position >= 0 && fault.position <= bytes.length, `${fault.code} at ${fault.position}`);
    }),
    { numRuns: 3000 },
  );
});

test("time grows with the bytes and no faster, whatever they are", () => {
  // The worst of each rule: runs of blanks, commas, quotes, semicolons, header lines, newlines.
  for (const unit of [" ", ",", '"', ";", "<", "\\", "a:", "a: b\r\n", "\r\n ", "%41", "::", "[", "/"]) {
    const filler = unit.repeat(Math.floor(60_000 / unit.length));
    for (const head of ["Via: SIP/2.0/UDP ", "Contact: ", "To: ", "CSeq: ", "X: "]) {
      const start = performance.now();
      const message = parse(`SIP/2.0 200 OK\r\n${head}${filler}\r\n\r\n`);
      if (message.kind !== "malformed") checkMessage(message);
      assert.ok(performance.now() - start < 400, `${head}${unit}: ${performance.now() - start} ms for 60 kB`);
    }
  }
});

test("serializeMessage() writes what parseMessage() reads as the same message", () => {
  fc.assert(
    fc.property(messages, (message) => {
      const read = parsed2(serializeMessage(message));
      assert.deepEqual(
        { ...read, headers: read.headers.map(({ name, value }) => [name, value]) },
        { ...message, headers: message.headers.map(({ name, value }) => [name, value]) },
      );
    }),
    { numRuns: 500 },
  );
});

test("serializeMessage() refuses what would be read as something else", () => {
  const good = { kind: "response", code: 200, reason: "OK", headers: [], body: new Uint8Array() } as const;
  assert.throws(() => serializeMessage({ ...good, reason: "OK\r\nTo: a" }), RangeError);
  assert.throws(() => serializeMessage({ ...good, headers: [header("X", "a\nY: b")] }), RangeError);
  assert.throws(() => serializeMessage({ ...good, headers: [header("X Y", "a")] }), RangeError);
  assert.throws(() => serializeMessage({ ...good, headers: [header("Content-Length", "7")] }), RangeError);
});

function parsed2(bytes: Uint8Array): SipMessage {
  const message = parseMessage(bytes);
  assert.notEqual(message.kind, "malformed", JSON.stringify(message));
  return message as SipMessage;
}

const fragments = fc.constantFrom(
  "SIP/2.0 200 OK\r\n",
  "OPTIONS sip:a@b;x=y SIP/2.0\r\n",
  "Via: SIP/2.0/UDP [::1]:5060;branch=z9hG4bK1;rport\r\n",
  "v:SIP / 2.0 / TCP a , SIP/2.0/WS b\r\n",
  'From: "a, \\" b" <sip:a@b>;tag=1\r\n',
  "t: sip:a@b;tag=2\r\n",
  "CSeq: 4294967295 OPTIONS\r\n",
  "Call-ID: a@b\r\n",
  "Content-Length: 2\r\n",
  "\r\n",
  " folded\r\n",
  "\n",
  "\r",
  '"',
  "<",
  ",;=",
);
const nearlySip = fc
  .array(fc.oneof({ weight: 4, arbitrary: fragments }, fc.string({ maxLength: 4, unit: "binary-ascii" })), {
    maxLength: 12,
  })
  .map((parts) => bytesOf(parts.join("")));

const tokens = fc.stringMatching(/^[A-Za-z0-9.!%*_+`'~-]{1,12}$/);
// A value as it is after reading: no line ends, no LWS at either end, any other byte.
const values = fc.uint8Array({ maxLength: 40 }).map((bytes) =>
  String.fromCharCode(...bytes)
    .replace(/[\r\n]/g, "")
    .replace(/^[ \t]+|[ \t]+$/g, ""),
);
const startLines = fc.oneof(
  fc.record({
    kind: fc.constant("response" as const),
    code: fc.integer({ min: 100, max: 699 }),
    reason: values,
  }),
  fc.record({
    kind: fc.constant("request" as const),
    method: tokens.filter((token) => !/^sip$/i.test(token)),
    uri: fc.constantFrom("sip:a", "sips:a@[::1]:5061;transport=tcp", "tel:+123", "sip:a;b=c?d=e"),
  }),
);
const messages: fc.Arbitrary<SipMessage> = fc
  .tuple(startLines, fc.array(fc.tuple(tokens, values), { maxLength: 8 }), fc.uint8Array({ maxLength: 50 }))
  .map(([startLine, pairs, body]) => ({
    ...startLine,
    headers: [
      // Names in the spelling that reading gives them.
      ...pairs.map(([name, value]) =>
        header(`X-${name.toLowerCase().replace(/(^|-)[a-z]/g, (c) => c.toUpperCase())}`, value),
      ),
      header("Content-Length", String(body.length)),
    ],
    body,
  }));
