import assert from "node:assert/strict";
import { test } from "node:test";
import { TcpState } from "../model/index.ts";
import { AF_INET } from "./inet-diag-layout.ts";
import { encodeDumpRequest } from "./inet-diag-request.ts";
import * as libc from "./libc.ts";
import { NetlinkProtocol, openNetlinkSocket } from "./netlink-socket.ts";

/** Sends a datagram to another process's netlink socket. The kernel lets only the privileged do this. */
function impersonateKernel(portId: number): void {
  const fd = libc.openSocket(16, 3, NetlinkProtocol.SOCK_DIAG);
  const address = new Uint8Array(12);
  const view = new DataView(address.buffer);
  view.setUint16(0, 16, true);
  try {
    libc.bind(fd, address);
    view.setUint32(4, portId, true);
    libc.sendTo(fd, new Uint8Array(32), address);
  } finally {
    libc.close(fd);
  }
}

test("a datagram that another process sent is counted and never handed over", (t) => {
  using socket = openNetlinkSocket(NetlinkProtocol.SOCK_DIAG);
  try {
    impersonateKernel(socket.portId);
  } catch (error) {
    if (error instanceof libc.SyscallError && error.errno === libc.Errno.EPERM)
      return t.skip("only root can send it");
    throw error;
  }
  socket.send(
    encodeDumpRequest({ family: AF_INET, states: [TcpState.LISTEN], ports: [1], info: false, sequence: 5 }),
  );
  const length = socket.receive();
  assert.ok(length >= 16);
  assert.equal(socket.buffer.words[2], 5, "the kernel's answer to our request");
  assert.equal(socket.foreignDatagrams, 1);
});

test("two sockets have addresses of their own", () => {
  using first = openNetlinkSocket(NetlinkProtocol.SOCK_DIAG);
  using second = openNetlinkSocket(NetlinkProtocol.SOCK_DIAG);
  assert.notEqual(first.portId, second.portId);
});
