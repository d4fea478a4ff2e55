import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTarget } from "./target.ts";

for (const [text, host, port, transport, requestUri] of [
  ["sip:example.org", "example.org", null, null, "sip:example.org"],
  ["example.org:5070", "example.org", 5070, null, "sip:example.org:5070"],
  [
    "sip:alice@example.org;transport=TCP?x=y",
    "example.org",
    null,
    "tcp",
    "sip:alice@example.org;transport=TCP",
  ],
  ["sips:example.org;transport=tcp", "example.org", null, "tls", "sips:example.org;transport=tcp"],
  ["tls:[::1]:5061", "::1", 5061, "tls", "sip:[::1]:5061;transport=tls"],
  ["udp:::1", "::1", null, "udp", "sip:[::1];transport=udp"],
  ["wss://example.org/sip?a=1", "example.org", null, "wss", "sip:example.org;transport=ws"],
  ["WS://example.org:8088", "example.org", 8088, "ws", "sip:example.org:8088;transport=ws"],
] as const) {
  test(`parseTarget() reads ${text}`, () => {
    const target = parseTarget(text);
    assert.ok(!("kind" in target), JSON.stringify(target));
    assert.deepEqual(
      [target.host, target.port, target.transport, target.requestUri],
      [host, port, transport, requestUri],
    );
  });
}

for (const text of [
  "",
  "sip:",
  "tel:+1",
  "sip:a;transport=sctp",
  "sips:a;transport=udp",
  "http://a/",
  "sip:a b",
  "-c",
  "ws://",
]) {
  test(`parseTarget() refuses "${text}"`, () => assert.ok("kind" in parseTarget(text)));
}
