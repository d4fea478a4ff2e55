import assert from "node:assert/strict";
import { test } from "node:test";
import { type Address, formatNetwork, parseAddress } from "../model/index.ts";
import { type AddressReader, ProtectedAddresses } from "./protected-addresses.ts";

const reader =
  (...texts: readonly string[]): AddressReader =>
  () =>
    texts.map((text): Address => parseAddress(text)!);

const texts = (protectedAddresses: ProtectedAddresses, nowMs = 0): string[] =>
  protectedAddresses.at(nowMs).map(formatNetwork);

test("the addresses of all readers are protected, each once", () => {
  const own = reader("192.0.2.7", "2001:db8::7", "127.0.0.1");
  const all = new ProtectedAddresses([own, reader("192.0.2.1"), reader("::ffff:192.0.2.7", "2001:db8::7")]);
  assert.deepEqual(texts(all), ["192.0.2.7", "2001:db8::7", "127.0.0.1", "192.0.2.1"]);
  assert.ok(all.at(0).every(({ bits }) => bits === 128));
});

test("the host is asked every ten seconds, and when the clock was set back", () => {
  let asked = 0;
  const all = new ProtectedAddresses([
    () => {
      asked++;
      return [];
    },
  ]);
  const after = (ms: number): number => {
    all.at(ms);
    return asked;
  };
  assert.deepEqual([0, 9999, 10_000, 19_999, 20_000].map(after), [1, 1, 2, 2, 3]);
  assert.equal(after(5000), 4);
});

test("a login is protected within ten seconds, and no longer once it is gone", () => {
  let peers: readonly string[] = [];
  const all = new ProtectedAddresses([reader("192.0.2.7"), () => reader(...peers)()]);
  assert.deepEqual(texts(all, 0), ["192.0.2.7"]);
  peers = ["198.51.100.9"];
  assert.deepEqual(texts(all, 10_000), ["192.0.2.7", "198.51.100.9"]);
  peers = [];
  assert.deepEqual(texts(all, 20_000), ["192.0.2.7"]);
});

test("a reading that fails is thrown and tried again at once, so that nobody is judged without it", () => {
  let broken = true;
  const all = new ProtectedAddresses([
    () => {
      if (broken) throw new Error("no interfaces");
      return reader("192.0.2.7")();
    },
  ]);
  assert.throws(() => all.at(0), /no interfaces/);
  assert.throws(() => all.at(1), /no interfaces/);
  broken = false;
  assert.deepEqual(texts(all, 2), ["192.0.2.7"]);
  assert.deepEqual(texts(all, 3), ["192.0.2.7"]);
});

test("the real readers answer on this host, and know the loopback address", () => {
  assert.ok(texts(new ProtectedAddresses()).includes("127.0.0.1"));
});
