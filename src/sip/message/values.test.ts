// Header values: URIs, Via, addresses, lists and parameters.

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readAddress, readAddresses } from "./address.ts";
import { readCseq } from "./check.ts";
import { MessageFault } from "./fault.ts";
import { quotedString, splitOutsideQuotes, unquote } from "./grammar.ts";
import { displayText, stripControls, utf8ByteString } from "./text.ts";
import { escapeUser, formatUri, parseUri, type SipUri } from "./uri.ts";
import { readVias } from "./via.ts";

const at0 = (text: string) => ({ text, position: 0 });
const sip = (text: string): SipUri => {
  const uri = parseUri(text);
  assert.equal(uri.kind, "sip", `${text}: ${JSON.stringify(uri)}`);
  return uri as SipUri;
};

for (const [text, user, host, port] of [
  ["sip:example.org", null, "example.org", null],
  ["SIP:alice:secret@example.org:5070", "alice:secret", "example.org", 5070],
  ["sips:a;b=c?d@[2001:db8::1]:5061;transport=tcp", "a;b=c?d", "2001:db8::1", 5061],
  ["sip:user@192.0.2.1?subject=a%20b", "user", "192.0.2.1", null],
  ["sip:[2001:db8::10:5070]", null, "2001:db8::10:5070", null],
  ["sip:a@[2001:db8:::192.0.2.1]", "a", "2001:db8:::192.0.2.1", null],
] as const) {
  test(`parseUri() reads ${text}`, () => {
    const uri = sip(text);
    assert.deepEqual([uri.user, uri.host, uri.port], [user, host, port]);
    assert.equal(formatUri(uri).toLowerCase(), text.toLowerCase());
  });
}

for (const text of [
  "",
  "example.org",
  "sip:",
  "sip:@example.org",
  "sip:a b@example.org",
  "sip:2001:db8::1",
  "sip:[192.0.2.1]",
  "sip:example.org:65536",
  "sip:example.org:",
  "sip:example.org;=x",
  "sip:%4@example.org",
  "<sip:example.org>",
  "sip:-a.example",
]) {
  test(`parseUri() refuses "${text}"`, () => assert.equal(parseUri(text).kind, "malformed"));
}

test("escapeUser() makes any text the user part of a URI", () => {
  assert.equal(escapeUser("a b@c"), "a%20b%40c");
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (text) => {
      assert.equal(parseUri(`sip:${escapeUser(utf8ByteString(text))}@example.org`).kind, "sip");
    }),
  );
});

test("a URI of another scheme is carried as it is", () => {
  assert.deepEqual(parseUri("tel:+1-201-555-0123"), {
    kind: "other",
    scheme: "tel",
    rest: "+1-201-555-0123",
  });
});

test("readVias() reads lists, blanks around the slashes, brackets and the received of RFC 5118", () => {
  const vias = readVias(
    at0(
      "SIP / 2.0 / udp first.example: 4000 ;ttl=16 ;maddr=192.0.2.1;branch=z9hG4bKa, SIP/2.0/TCP [::1]:9;received=2001:db8::9;rport",
    ),
  );
  assert.deepEqual(
    vias.map(({ transport, host, port }) => [transport, host, port]),
    [
      ["UDP", "first.example", 4000],
      ["TCP", "::1", 9],
    ],
  );
  assert.equal(vias[0]!.params.get("branch"), "z9hG4bKa");
  assert.equal(vias[1]!.params.get("received"), "2001:db8::9");
  assert.equal(vias[1]!.params.get("rport"), null);
});

for (const [text, position] of [
  ["SIP/2.0/UDP a;;branch=x", 14],
  ["SIP/2.0/UDP a, ", 15],
  ["SIP/2.0/UDP", 0],
  ["SIP/3.0/UDP a", 0],
  ['SIP/2.0/UDP a;x="', 16],
] as const) {
  test(`readVias() refuses ${JSON.stringify(text)} at ${position}`, () => {
    assert.throws(
      () => readVias(at0(text)),
      (error) => error instanceof MessageFault && error.position === position,
    );
  });
}

test("readAddress() keeps URI parameters in <> apart from those of the header", () => {
  const bracketed = readAddress(at0('"A \\"B\\", C" <sip:a@b;lr?x=y>;tag=1'));
  assert.equal(bracketed.displayName, 'A "B", C');
  assert.deepEqual([...bracketed.params], [["tag", "1"]]);
  const bare = readAddress(at0("sip:a@b;tag=2"));
  assert.deepEqual([...bare.params], [["tag", "2"]]);
  assert.equal(bare.uri.kind === "sip" && bare.uri.params.size, 0);
  assert.equal(readAddress(at0("caller<sip:a@b>")).displayName, "caller");
  assert.equal(readAddress(at0("<sip:a@b>")).displayName, null);
});

test("readAddresses() splits at commas outside quotes and <> alone", () => {
  assert.equal(readAddresses(at0('"a, b" <sip:c,d@e>, sip:f@g')).length, 2);
});

for (const text of [
  '"open <sip:a@b>',
  "A, B <sip:a@b>",
  "sip:a@b?x=y",
  "<sip:a@b",
  "<sip:a@b> x",
  "< sip:a@b>",
  "Bell, <sip:a@b>",
]) {
  test(`readAddress() refuses ${text}`, () => assert.throws(() => readAddress(at0(text)), MessageFault));
}

test("readCseq() takes 32 bits and leading zeros", () => {
  assert.deepEqual(readCseq(at0("0004294967295 OPTIONS")), { number: 4294967295, method: "OPTIONS" });
  for (const text of ["4294967296 OPTIONS", "-1 OPTIONS", "1", "OPTIONS", "1 OP@"])
    assert.throws(() => readCseq(at0(text)), MessageFault);
});

test("unquote() undoes quote(), and a quoted string hides every separator", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.equal(unquote(quotedString(text)), text);
      assert.equal(splitOutsideQuotes(at0(`${quotedString(text)},b`), ",", true).length, 2);
    }),
  );
});

test("displayText() shows UTF-8 and nothing that a terminal acts on", () => {
  assert.equal(displayText(utf8ByteString("Größe \u001b[2J\u0007\u202e")), "Größe  [2J  ");
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.doesNotMatch(
        displayText(String.fromCharCode(...bytes)),
        /[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/,
      );
    }),
  );
  assert.equal(stripControls("x".repeat(300), 10), "xxxxxxxxxx...");
});
