import assert from "node:assert/strict";
import { BlockList } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { parseAddress } from "./address.ts";
import { contains, DEFAULT_SOURCE_PREFIXES, formatSource, maskAddress, parseNetwork } from "./source.ts";

const sourceOf = (text: string, prefixes = DEFAULT_SOURCE_PREFIXES) =>
  formatSource(maskAddress(parseAddress(text)!, prefixes), prefixes);

for (const [address, source] of [
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["::1", "::/64"],
] as const) {
  test(`${address} belongs to the source ${source}`, () => assert.equal(sourceOf(address), source));
}

test("other prefix lengths make other sources", () => {
  assert.equal(sourceOf("192.0.2.77", { ipv4: 24, ipv6: 64 }), "192.0.2.0/24");
  assert.equal(sourceOf("192.0.2.77", { ipv4: 0, ipv6: 64 }), "0.0.0.0/0");
  assert.equal(sourceOf("2001:db8:1:2::3", { ipv4: 32, ipv6: 128 }), "2001:db8:1:2::3");
  assert.equal(sourceOf("2001:db8:1:2ff::3", { ipv4: 32, ipv6: 57 }), "2001:db8:1:280::/57");
});

test("parseNetwork() with contains() agrees with Node's BlockList", () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.nat(32), fc.ipV4(), (base, length, address) => {
      const list = new BlockList();
      list.addSubnet(base, length, "ipv4");
      const network = parseNetwork(`${base}/${length}`)!;
      assert.equal(contains(network, parseAddress(address)!), list.check(address, "ipv4"));
      assert.ok(contains(network, parseAddress(base)!));
    }),
  );
});

for (const text of ["", "/", "1.2.3.4/", "1.2.3.4/33", "::1/129", "1.2.3.4/8/8", "1.2.3.4/-1", "host/24"]) {
  test(`"${text}" is no network`, () => assert.equal(parseNetwork(text), null));
}
