import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { TcpState } from "../model/index.ts";
import { encodeDone, encodeError, encodeSocket, fakeSocket, fakeTransport, joined } from "./fakes.ts";
import { noLosses } from "./inet-diag-decode.ts";
import { MessageFlag } from "./netlink-message.ts";
import { NetlinkError, NetlinkProtocol, openNetlinkSocket } from "./netlink-socket.ts";
import { SockDiag, type Wanted } from "./sock-diag.ts";
import { SocketTable } from "./socket-table.ts";

const WANTED: Wanted = { states: [TcpState.ESTABLISHED], ports: null, info: true };

test("a dump asks for both families and appends all datagrams up to the end", () => {
  const transport = fakeTransport((sequence) => [
    encodeSocket(fakeSocket(), sequence),
    joined(encodeSocket(fakeSocket(), sequence), encodeDone(sequence)),
  ]);
  const table = new SocketTable();
  const report = new SockDiag(transport).dump(WANTED, table, noLosses());
  assert.deepEqual(
    transport.requests.map((request) => request[16]),
    [2, 10],
  );
  assert.equal(table.length, 4);
  assert.deepEqual([report.datagrams, report.retries, report.consistent], [4, 0, true]);
});

test("an interrupted dump is thrown away and asked for again", () => {
  let interruptions = 1;
  const transport = fakeTransport((sequence) => {
    const flags = interruptions-- > 0 ? MessageFlag.MULTI | MessageFlag.DUMP_INTR : MessageFlag.MULTI;
    return [encodeSocket(fakeSocket(), sequence, flags), encodeDone(sequence)];
  });
  const table = new SocketTable();
  const report = new SockDiag(transport).dump(WANTED, table, noLosses());
  assert.equal(table.length, 2, "one row a family, none of the first try");
  assert.deepEqual([report.retries, report.consistent], [1, true]);
});

test("a dump that is interrupted again and again is kept and said to be inconsistent", () => {
  const transport = fakeTransport((sequence) => [
    encodeSocket(fakeSocket(), sequence, MessageFlag.MULTI | MessageFlag.DUMP_INTR),
    encodeDone(sequence),
  ]);
  const table = new SocketTable();
  const report = new SockDiag(transport).dump(WANTED, table, noLosses());
  assert.deepEqual([table.length, report.retries, report.consistent], [2, 4, false]);
});

test("a kernel without inet_diag is named as the cause", () => {
  // Linux 6.18 answers so for a protocol that it has no handler for.
  const transport = fakeTransport((sequence) => [encodeDone(sequence, 2)]);
  assert.throws(
    () => new SockDiag(transport).dump(WANTED, new SocketTable(), noLosses()),
    (error) =>
      error instanceof NetlinkError && error.code === "unavailable" && /CONFIG_INET_DIAG/.test(error.message),
  );
});

test("a refusal carries the kernel's errno", () => {
  const transport = fakeTransport((sequence) => [encodeError(22, sequence)]);
  assert.throws(() => new SockDiag(transport).dump(WANTED, new SocketTable(), noLosses()), /errno 22/);
});

test("answers left over from an earlier request are counted as foreign and left out", () => {
  const transport = fakeTransport((sequence) => [
    encodeSocket(fakeSocket(), sequence - 1),
    encodeDone(sequence - 1),
    encodeDone(sequence),
  ]);
  const losses = noLosses();
  const table = new SocketTable();
  new SockDiag(transport).dump(WANTED, table, losses);
  assert.deepEqual([table.length, losses.foreign], [0, 4]);
});

test("this kernel hands over the listening socket of the port asked for, and no other", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  try {
    using socket = openNetlinkSocket(NetlinkProtocol.SOCK_DIAG);
    const table = new SocketTable();
    const losses = noLosses();
    const wanted = { states: [TcpState.LISTEN], ports: [address.port], info: false };
    new SockDiag(socket).dump(wanted, table, losses);
    assert.deepEqual([...table.localPort.subarray(0, table.length)], [address.port]);
    assert.deepEqual(losses, noLosses());
  } finally {
    server.close();
  }
});
