import assert from "node:assert/strict";
import { test } from "node:test";
import { probeDestroy, probeNetfilter } from "./capability.ts";
import { encodeError, fakeTransport } from "./fakes.ts";
import { NetlinkError, type NetlinkTransport } from "./netlink-socket.ts";

const answering = (errno: number) => (): NetlinkTransport & Disposable =>
  Object.assign(
    fakeTransport((sequence) => [encodeError(errno, sequence)]),
    { [Symbol.dispose]() {} },
  );

test("SOCK_DESTROY works if the kernel searches for the socket, and is missing if it does not support it", () => {
  assert.deepEqual(probeDestroy(answering(2)), { kind: "works" });
  assert.equal(probeDestroy(answering(95)).kind, "missing");
});

test("nftables and ipset work if they answer, and are unknown without the right to ask", () => {
  for (const what of ["nftables", "ipset"] as const) {
    assert.deepEqual(probeNetfilter(what, answering(0)), { kind: "works" });
    assert.equal(probeNetfilter(what, answering(22)).kind, "missing");
    assert.equal(probeNetfilter(what, answering(1)).kind, "unknown");
  }
});

test("a kernel without the protocol is a missing capability, not an error", () => {
  const open = () => {
    throw new NetlinkError("unavailable", "open netlink socket", "Protocol not supported");
  };
  assert.match(JSON.stringify(probeNetfilter("ipset", open)), /Protocol not supported/);
});

test("anybody can ask this kernel whether it destroys sockets", () => {
  assert.notEqual(probeDestroy().kind, "unknown");
});
