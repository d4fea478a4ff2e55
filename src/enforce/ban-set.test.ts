import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatNetwork, maskBits, parseNetwork, prefixLengthOf } from "../model/index.ts";
import {
  banSetName,
  banSetOf,
  elementKey,
  elementNetwork,
  parseBanSetName,
  standingSets,
} from "./ban-set.ts";
import { ipsetName, parseIpsetName } from "./ipset-rules.ts";
import { scopeOf } from "./scope.ts";

const networks = fc.oneof(
  fc
    .record({ host: fc.uint8Array({ minLength: 4, maxLength: 4 }), length: fc.nat(32) })
    .map(({ host, length }) => {
      const address = new Uint8Array(16);
      address.fill(0xff, 10, 12);
      address.set(host, 12);
      return { address: maskBits(address, 96 + length), bits: 96 + length };
    }),
  fc
    .record({ host: fc.uint8Array({ minLength: 16, maxLength: 16 }), bits: fc.nat(128) })
    .map(({ host, bits }) => {
      host[0] = 0x20;
      return { address: maskBits(host, bits), bits };
    }),
);

test("an element's key and its set's length give the network back", () => {
  fc.assert(
    fc.property(networks, (network) => {
      const key = elementKey(network);
      assert.ok(key.length === 4 || key.length === 16);
      assert.equal(formatNetwork(elementNetwork(key, prefixLengthOf(network))), formatNetwork(network));
    }),
  );
});

test("a set's name says what is in it, whatever the listener is called", () => {
  fc.assert(
    fc.property(networks, fc.option(fc.string()), fc.constantFrom("ban", "cap"), (source, listener, kind) => {
      const set = banSetOf({ source, listener, kind });
      const name = banSetName(set);
      assert.match(name, /^[a-z0-9_]{1,40}$/);
      assert.deepEqual(parseBanSetName(name), set);
      assert.match(ipsetName(set), /^sw-[a-z0-9_-]{1,28}$/);
      assert.deepEqual(parseIpsetName(ipsetName(set)), { kind, family: set.family, scope: set.scope });
    }),
  );
});

test("two listeners never share a scope", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (a, b) => a === b || scopeOf(a) !== scopeOf(b)));
  const scopes = [null, "all", "ALL", "x", scopeOf("ALL"), "sip", "sip_"].map(scopeOf);
  assert.equal(new Set(scopes).size, scopes.length);
});

test("a name that is not ours belongs to no bans", () => {
  for (const name of [
    "",
    "ban4",
    "ban4_33_all",
    "ban6_129_all",
    "ban4_32_",
    "ban4_32_a b",
    "others",
    "ban5_1_a",
  ]) {
    assert.equal(parseBanSetName(name), null, name);
  }
});

test("sources and networks of both families and kinds have a set each", () => {
  const names = standingSets({ ipv4: 24, ipv6: 64 }, ["all", "sip"]).map(banSetName);
  assert.equal(new Set(names).size, names.length);
  assert.deepEqual(
    names.filter((name) => name.startsWith("ban") && name.endsWith("_sip")),
    ["ban4_24_sip", "ban6_64_sip", "ban6_56_sip", "ban6_48_sip"],
  );
});

test("a ban of one address inside a shorter source prefix has a set of its own", () => {
  const source = parseNetwork("192.0.2.1")!;
  assert.equal(banSetName(banSetOf({ source, listener: null, kind: "cap" })), "cap4_32_all");
});
