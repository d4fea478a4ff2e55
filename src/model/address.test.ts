import assert from "node:assert/strict";
import { isIP } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { formatAddress, isIpv4, isUnspecified, parseAddress } from "./address.ts";

const addresses = fc.uint8Array({ minLength: 16, maxLength: 16 });
const ipv4Addresses = fc.ipV4();

test("formatAddress() writes RFC 5952 text and parseAddress() reads it back", () => {
  fc.assert(
    fc.property(addresses, (address) => {
      const text = formatAddress(address);
      assert.equal(isIP(text), isIpv4(address) ? 4 : 6);
      assert.deepEqual(parseAddress(text), address);
    }),
  );
});

test("parseAddress() agrees with Node about what an address is", () => {
  const nearly = fc.string({ unit: fc.constantFrom(..."0123456789abcdef:.") });
  fc.assert(
    fc.property(fc.oneof(fc.ipV6(), ipv4Addresses, nearly), (text) => {
      assert.equal(parseAddress(text) !== null, isIP(text) !== 0, text);
    }),
    { numRuns: 2000 },
  );
});

test("an IPv4 address and its v4-mapped form are the same address", () => {
  fc.assert(
    fc.property(ipv4Addresses, (text) => {
      assert.deepEqual(parseAddress(`::ffff:${text}`), parseAddress(text));
      assert.equal(formatAddress(parseAddress(`::ffff:${text}`)!), text);
    }),
  );
});

for (const [text, formatted] of [
  ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
  ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["1:0:0:2:0:0:0:3", "1:0:0:2::3"],
  ["1:0:0:2:2:0:0:3", "1::2:2:0:0:3"],
  ["::", "::"],
  ["::1", "::1"],
  ["1::", "1::"],
  ["64:ff9b::192.0.2.1", "64:ff9b::c000:201"],
] as const) {
  test(`${text} is written ${formatted}`, () => assert.equal(formatAddress(parseAddress(text)!), formatted));
}

for (const text of [
  "",
  "1.2.3",
  "1.2.3.04",
  "1.2.3.256",
  "1.2.3.4.5",
  ":",
  ":::",
  "1::2::3",
  "fe80::1%eth0",
  "1:2:3:4:5:6:7:8:9",
]) {
  test(`"${text}" is no address`, () => assert.equal(parseAddress(text), null));
}

test("0.0.0.0 and :: are unspecified, other addresses are not", () => {
  assert.ok(isUnspecified(parseAddress("0.0.0.0")!));
  assert.ok(isUnspecified(parseAddress("::")!));
  assert.ok(!isUnspecified(parseAddress("0.0.0.1")!));
  assert.ok(!isUnspecified(parseAddress("::1")!));
});
