import assert from "node:assert/strict";
import { test } from "node:test";
import type { FakeSocket } from "../linux/fakes.ts";
import { formatAddress, TcpState } from "../model/index.ts";
import { EndpointIndex, NO_LISTENER, readEndpoints } from "./endpoints.ts";
import { between, tableOf } from "./fakes.ts";

function listening(address: string, port: number, more: Partial<FakeSocket> = {}): Partial<FakeSocket> {
  const v6Only = address.includes(":") ? false : null;
  return {
    ...between(address, port, address.includes(":") ? "::" : "0.0.0.0", 0),
    state: TcpState.LISTEN,
    v6Only,
    ...more,
  };
}

/** The address of the endpoint that takes a connection, or null. */
function taker(listeners: readonly Partial<FakeSocket>[], connection: Partial<FakeSocket>): string | null {
  const endpoints = readEndpoints(tableOf(...listeners));
  const index = new EndpointIndex(
    endpoints,
    endpoints.map((_, i) => i),
  );
  const found = index.match(tableOf(connection), 0);
  return found === NO_LISTENER ? null : formatAddress(endpoints[found]!.address);
}

const DUAL = listening("::", 5060);
const V6_ONLY = listening("::", 5060, { v6Only: true });
const V4_ANY = listening("0.0.0.0", 5060);
const V4_ONE = listening("192.0.2.1", 5060);
const V6_ONE = listening("2001:db8::1", 5060);

const v4Socket = between("192.0.2.1", 5060, "198.51.100.7", 40_000);
const mappedSocket = between("::ffff:192.0.2.1", 5060, "::ffff:198.51.100.7", 40_000);
const v6Socket = between("2001:db8::1", 5060, "2001:db8::7", 40_000);

const cases: readonly (readonly [
  string,
  readonly Partial<FakeSocket>[],
  Partial<FakeSocket>,
  string | null,
])[] = [
  ["an IPv4 connection by the IPv4 wildcard", [V4_ANY], v4Socket, "0.0.0.0"],
  ["an IPv6 connection not by the IPv4 wildcard", [V4_ANY], v6Socket, null],
  ["a v4-mapped connection by a dual-stack wildcard", [DUAL], mappedSocket, "::"],
  [
    "a half-open IPv4 connection, which the kernel calls IPv4, by a dual-stack wildcard",
    [DUAL],
    v4Socket,
    "::",
  ],
  ["an IPv6 connection by a dual-stack wildcard", [DUAL], v6Socket, "::"],
  ["a v4-mapped connection not by a v6-only wildcard", [V6_ONLY], mappedSocket, null],
  ["each family by its own wildcard", [V6_ONLY, V4_ANY], v4Socket, "0.0.0.0"],
  ["the exact address before the wildcard", [DUAL, V4_ANY, V4_ONE], v4Socket, "192.0.2.1"],
  ["an exact IPv6 address", [V6_ONE], v6Socket, "2001:db8::1"],
  ["another address of the host, by nobody", [V4_ONE], between("192.0.2.2", 5060, "198.51.100.7", 1), null],
  ["another port, by nobody", [DUAL], between("192.0.2.1", 5061, "198.51.100.7", 5060), null],
];

for (const [name, listeners, connection, address] of cases) {
  test(`EndpointIndex takes ${name}`, () => assert.equal(taker(listeners, connection), address));
}

test("a listener bound to a device takes that device's connections alone, and is preferred", () => {
  const bound = listening("0.0.0.0", 5060, { interfaceIndex: 3, inode: 33 });
  const endpoints = readEndpoints(tableOf(V4_ANY, bound));
  const index = new EndpointIndex(
    endpoints,
    endpoints.map(({ inode }) => inode),
  );
  assert.equal(index.match(tableOf({ ...v4Socket, interfaceIndex: 3 }), 0), 33);
  assert.equal(index.match(tableOf({ ...v4Socket, interfaceIndex: 0 }), 0), 1234);
});

test("readEndpoints() keeps each socket of a shared port, with its accept queue", () => {
  const shared = listening("0.0.0.0", 5060, { rqueue: 2, wqueue: 128 });
  const endpoints = readEndpoints(tableOf({ ...shared, inode: 2 }, { ...shared, inode: 1, rqueue: 0 }));
  assert.deepEqual(
    endpoints.map(({ inode, backlog }) => [inode, backlog.used, backlog.limit]),
    [
      [1, 0, 128],
      [2, 2, 128],
    ],
  );
});
