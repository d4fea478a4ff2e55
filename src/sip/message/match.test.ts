import assert from "node:assert/strict";
import { test } from "node:test";
import { matchResponse, seenAs } from "./match.ts";
import { parseMessage, type SipMessage } from "./parse.ts";
import { buildRequest, newBranch } from "./request.ts";
import { serializeMessage } from "./serialize.ts";
import { byteString, bytesOf } from "./text.ts";
import { readVias } from "./via.ts";

const sentBy = { host: "192.0.2.5", port: 49170 };
const asked = { branch: "z9hG4bKabc", method: "OPTIONS", sentBy };
const response = (via: string, cseq = "1 OPTIONS") =>
  parseMessage(
    bytesOf(
      `SIP/2.0 200 OK\r\n${via}\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:b>;tag=2\r\nCall-ID: 1\r\nCSeq: ${cseq}\r\nContent-Length: 0\r\n\r\n`,
    ),
  ) as SipMessage;
const OURS = "Via: SIP/2.0/UDP 192.0.2.5:49170;branch=z9hG4bKabc;rport=49170;received=192.0.2.5";

for (const [name, via, cseq, kind] of [
  ["branch, method and sender are ours", OURS, "1 OPTIONS", "answer"],
  ["its headers are compact", OURS.replace("Via", "v"), "1 OPTIONS", "answer"],
  ["the branch is another's", OURS.replace("abc", "xyz"), "1 OPTIONS", "stray"],
  ["the method is another", OURS, "1 REGISTER", "stray"],
  ["it has a second Via", `${OURS}, SIP/2.0/UDP 192.0.2.9`, "1 OPTIONS", "stray"],
  ["its sender is not us", OURS.replace("192.0.2.5:49170", "192.0.2.6:49170"), "1 OPTIONS", "stray"],
  ["its CSeq has 33 bits", OURS, "4294967296 OPTIONS", "unreadable"],
] as const) {
  test(`matchResponse(): ${kind} where ${name}`, () =>
    assert.equal(matchResponse(response(via, cseq), asked).kind, kind));
}

test("seenAs() tells what an address translator made of us", () => {
  const via = (params: string) =>
    readVias({ text: `SIP/2.0/UDP 10.0.0.1:5060;branch=x;${params}`, position: 0 })[0]!;
  assert.deepEqual(seenAs(via("received=192.0.2.1;rport=40000")), { address: "192.0.2.1", port: 40_000 });
  assert.deepEqual(seenAs(via("received=10.0.0.1;rport=5060")), { address: null, port: null });
  assert.deepEqual(seenAs(via("rport")), { address: null, port: null });
});

test("buildRequest() makes a request with the mandatory headers that reads back and fits a datagram", () => {
  const branch = newBranch((bytes) => "0f".repeat(bytes));
  const request = buildRequest({
    method: "OPTIONS",
    requestUri: "sip:example.org",
    toUri: "sip:example.org",
    fromUri: "sip:ping@[2001:db8::5]",
    viaTransport: "UDP",
    sentBy: { host: "2001:db8::5", port: 40_000 },
    ids: { callId: "c0ffee", fromTag: "beef" },
    branch,
    cseq: 1,
    maxForwards: 70,
    userAgent: "sockwarden/0",
    extra: [],
  });
  const bytes = serializeMessage(request);
  assert.ok(bytes.length < 1300);
  assert.equal(
    byteString(bytes),
    "OPTIONS sip:example.org SIP/2.0\r\n" +
      "Via: SIP/2.0/UDP [2001:db8::5]:40000;branch=z9hG4bK0f0f0f0f0f0f0f0f;rport\r\n" +
      "Max-Forwards: 70\r\nFrom: <sip:ping@[2001:db8::5]>;tag=beef\r\nTo: <sip:example.org>\r\nCall-ID: c0ffee\r\n" +
      "CSeq: 1 OPTIONS\r\nAccept: application/sdp\r\nUser-Agent: sockwarden/0\r\nContent-Length: 0\r\n\r\n",
  );
  assert.equal(parseMessage(bytes).kind, "request");
});
