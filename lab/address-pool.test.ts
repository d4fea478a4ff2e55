import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contains, formatAddress, parseAddress, parseNetwork } from "../src/model/index.ts";
import { AddressPool, type SourceBlock } from "./address-pool.ts";

const sources = fc.record({
  family: fc.constantFrom(4 as const, 6 as const),
  addresses: fc.integer({ min: 1, max: 600 }),
  spread: fc.constantFrom("near" as const, "far" as const),
});

function covers(block: SourceBlock, address: string): boolean {
  return block.prefixes.some((prefix) => contains(parseNetwork(prefix)!, parseAddress(address)!));
}

test("AddressPool gives as many distinct addresses as asked for, in their canonical text", () => {
  fc.assert(
    fc.property(sources, (options) => {
      const { addresses } = new AddressPool().take(options);
      assert.equal(new Set(addresses).size, options.addresses);
      for (const address of addresses) assert.equal(formatAddress(parseAddress(address)!), address);
    }),
  );
});

test("AddressPool gives blocks with prefixes that cover their own addresses and no others", () => {
  fc.assert(
    fc.property(fc.array(sources, { minLength: 2, maxLength: 5 }), (requests) => {
      const pool = new AddressPool();
      const blocks = requests.map((options) => pool.take(options));
      for (const block of blocks) {
        for (const other of blocks) {
          assert.equal(
            other.addresses.every((address) => covers(block, address)),
            other === block,
          );
        }
      }
    }),
    { numRuns: 20 },
  );
});

test("AddressPool spreads far addresses over networks of their own, and keeps near ones together", () => {
  const pool = new AddressPool();
  const network = (address: string) => address.slice(0, address.lastIndexOf("."));
  const far4 = pool.take({ family: 4, addresses: 300, spread: "far" });
  assert.equal(new Set(far4.addresses.map(network)).size, 300);
  const near4 = pool.take({ family: 4, addresses: 254 });
  assert.equal(new Set(near4.addresses.map(network)).size, 1);
  const near6 = pool.take({ family: 6, addresses: 254 });
  assert.equal(new Set(near6.addresses.map((address) => address.split("::")[0])).size, 1);
});

test("AddressPool refuses when its networks are used up", () => {
  const pool = new AddressPool();
  pool.take({ family: 4, addresses: 40_000, spread: "far" });
  assert.throws(() => pool.take({ family: 4, addresses: 1 }), /no source networks left/);
});
