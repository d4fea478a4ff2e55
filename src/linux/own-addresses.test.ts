import assert from "node:assert/strict";
import { test } from "node:test";
import { formatAddress } from "../model/index.ts";
import { HOST_ROOT } from "./index.ts";
import { parseUtmp } from "./login-peers.ts";
import { parseIpv6Routes, parseRoutes, readGateways, readOwnAddresses } from "./own-addresses.ts";

test("readOwnAddresses() has the loopback", () => {
  assert.ok(readOwnAddresses().map(formatAddress).includes("127.0.0.1"));
});

test("readGateways() reads this host's routes", () => {
  assert.ok(Array.isArray(readGateways(HOST_ROOT)));
});

test("parseRoutes() finds each gateway once, and no route without one", () => {
  const text = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0102A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t0000000A\t0102A8C0\t0003\t0\t0\t0\t000000FF\t0\t0\t0
eth0\t0002A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`;
  assert.deepEqual(parseRoutes(text).map(formatAddress), ["192.168.2.1"]);
  assert.deepEqual(parseRoutes(""), []);
});

test("parseIpv6Routes() finds next hops, and leaves out routes without one", () => {
  const zero = "0".repeat(32);
  const text = `${zero} 00 ${zero} 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003 eth0
fe800000000000000000000000000000 40 ${zero} 00 ${zero} 00000100 00000001 00000000 00000001 eth0
not a route
`;
  assert.deepEqual(parseIpv6Routes(text).map(formatAddress), ["fe80::1"]);
});

/** One record of utmp. */
function record(type: number, address: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(384);
  new DataView(bytes.buffer).setInt16(0, type, true);
  bytes.set(address, 348);
  return bytes;
}

test("parseUtmp() takes logins by IPv4 and IPv6, but not those that have ended or sit at the console", () => {
  const bytes = Buffer.concat([
    record(7, [192, 0, 2, 9]),
    record(8, [192, 0, 2, 10]),
    record(7, []),
    record(7, [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
    new Uint8Array(100),
  ]);
  assert.deepEqual(parseUtmp(bytes).map(formatAddress), ["192.0.2.9", "2001:db8::1"]);
});
