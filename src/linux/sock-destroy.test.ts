import assert from "node:assert/strict";
import { connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { TcpState } from "../model/index.ts";
import { encodeError, encodeSocket, FAKE_PORT_ID, fakeSocket, fakeTransport, joined } from "./fakes.ts";
import { decodeDump, noLosses } from "./inet-diag-decode.ts";
import { AF_INET6 } from "./inet-diag-layout.ts";
import { decodeAcknowledgement } from "./netlink-ack.ts";
import {
  encodeAttribute,
  encodeMessage,
  type MessageBuffer,
  MessageType,
  messageBufferOf,
} from "./netlink-message.ts";
import { NetlinkError, NetlinkProtocol, openNetlinkSocket } from "./netlink-socket.ts";
import { encodeDestroyRequest, SockDestroyer, type SocketId, socketId } from "./sock-destroy.ts";
import { SockDiag } from "./sock-diag.ts";
import { SocketTable } from "./socket-table.ts";

/** The id that a scan would have of this socket. */
function idOf(different: Parameters<typeof fakeSocket>[0] = {}): SocketId {
  const table = new SocketTable();
  const buffer: MessageBuffer = messageBufferOf(encodeSocket(fakeSocket(different), 1));
  decodeDump(buffer, buffer.bytes.length, { sequence: 1, portId: FAKE_PORT_ID }, table, noLosses());
  return socketId(table, 0);
}

const ipv6 = (...bytes: readonly number[]): Uint8Array =>
  Uint8Array.of(0x20, 0x01, ...new Array(14 - bytes.length).fill(0), ...bytes);

test("a request names one IPv4 socket by ports, addresses, device and cookie", () => {
  const request = encodeDestroyRequest(idOf({ cookie: [0x11223344, 5], interfaceIndex: 7 }), 9);
  assert.deepEqual(
    [...request],
    [
      // nlmsghdr: 72 bytes, SOCK_DESTROY, REQUEST | ACK, sequence 9, port 0
      [72, 0, 0, 0, 21, 0, 5, 0, 9, 0, 0, 0, 0, 0, 0, 0],
      // AF_INET, TCP, every state
      [2, 6, 0, 0, 255, 255, 255, 255],
      // 5060 and 40000 in network order
      [0x13, 0xc4, 0x9c, 0x40],
      [198, 18, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [198, 18, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
      [7, 0, 0, 0, 0x44, 0x33, 0x22, 0x11, 5, 0, 0, 0],
    ].flat(),
  );
});

test("a request for an IPv6 socket carries all sixteen bytes of both addresses", () => {
  const [local, remote] = [ipv6(1), ipv6(0xab, 2)];
  const request = encodeDestroyRequest(idOf({ family: AF_INET6, local, remote }), 1);
  assert.equal(request[16], AF_INET6);
  assert.deepEqual([...request.subarray(28, 44)], [...local]);
  assert.deepEqual([...request.subarray(44, 60)], [...remote]);
});

test("destroy() sends one request a socket, and counts destroyed and gone sockets apart", () => {
  const errnos = [0, 2, 0];
  const transport = fakeTransport((sequence) => [encodeError(errnos[sequence - 1]!, sequence)]);
  const ids = [idOf(), idOf({ remotePort: 2 }), idOf({ remotePort: 3 })];
  assert.deepEqual(new SockDestroyer(transport).destroy(ids), { destroyed: 2, gone: 1 });
  assert.equal(transport.requests.length, 3);
});

test("an answer to an earlier request is passed over", () => {
  const transport = fakeTransport((sequence) => [encodeError(1, sequence - 1), encodeError(0, sequence)]);
  assert.deepEqual(new SockDestroyer(transport).destroy([idOf()]), { destroyed: 1, gone: 0 });
});

for (const [errno, code, words] of [
  [1, "refused", /Operation not permitted \(errno 1\); it takes CAP_NET_ADMIN/],
  [95, "unavailable", /CONFIG_INET_DIAG_DESTROY/],
  [22, "refused", /Invalid argument \(errno 22\)/],
] as const) {
  test(`a refusal with errno ${errno} ends the eviction and says why`, () => {
    const transport = fakeTransport((sequence) => [encodeError(errno, sequence)]);
    assert.throws(
      () => new SockDestroyer(transport).destroy([idOf(), idOf()]),
      (error) => error instanceof NetlinkError && error.code === code && words.test(error.message),
    );
    assert.equal(transport.requests.length, 1);
  });
}

/** A table with a row for each. */
function tableOf(...sockets: readonly Parameters<typeof fakeSocket>[0][]): SocketTable {
  const table = new SocketTable();
  for (const socket of sockets) {
    const buffer = messageBufferOf(encodeSocket(fakeSocket(socket), 1));
    decodeDump(buffer, buffer.bytes.length, { sequence: 1, portId: FAKE_PORT_ID }, table, noLosses());
  }
  return table;
}

test("destroyRows() writes the same request for every row as encodeDestroyRequest()", () => {
  const table = tableOf(
    { cookie: [0x11223344, 0xffff_fff0], interfaceIndex: 7, remotePort: 65_535 },
    { family: AF_INET6, local: ipv6(1), remote: ipv6(0xab, 2) },
    { localPort: 5061 },
  );
  const transport = fakeTransport((first) => [encodeError(0, first), encodeError(2, first + 1)]);
  const rows = Uint32Array.of(1, 0, 2);
  assert.deepEqual(new SockDestroyer(transport).destroyRows(table, rows, 2), {
    destroyed: 1,
    gone: 1,
    refused: 0,
    refusal: null,
  });
  const wanted = [1, 0].map((row, i) => encodeDestroyRequest(socketId(table, row), i + 1));
  assert.deepEqual(
    transport.requests.map((request) => [...request]),
    [[...joined(...wanted)]],
  );
});

test("destroyRows() goes on after a refusal, counts it and keeps its words", () => {
  const errnos = [0, 22, 2, 0];
  const transport = fakeTransport((first) => errnos.map((errno, i) => encodeError(errno, first + i)));
  const table = tableOf({}, {}, {}, {});
  const outcome = new SockDestroyer(transport).destroyRows(table, Uint32Array.of(0, 1, 2, 3));
  const { destroyed, gone, refused } = outcome;
  assert.deepEqual({ destroyed, gone, refused }, { destroyed: 2, gone: 1, refused: 1 });
  assert.match(outcome.refusal?.message ?? "", /Invalid argument/);
});

test("destroyRows() throws if the kernel would refuse every row", () => {
  const transport = fakeTransport((sequence) => [encodeError(1, sequence)]);
  assert.throws(
    () => new SockDestroyer(transport).destroyRows(tableOf({}), Uint32Array.of(0)),
    /CAP_NET_ADMIN/,
  );
});

const EXPECTED = { sequence: 3, portId: FAKE_PORT_ID };

/** An error message with attributes behind the request's header (CAPPED | ACK_TLVS). */
function refusalWith(attributes: Uint8Array): MessageBuffer {
  const body = new Uint8Array(20);
  new DataView(body.buffer).setInt32(0, -22, true);
  return messageBufferOf(
    encodeMessage({ type: MessageType.ERROR, flags: 0x300, ...EXPECTED }, body, attributes),
  );
}

test("decodeAcknowledgement() hands on the kernel's own words", () => {
  const text = encodeAttribute(1, new TextEncoder().encode("no such thing\0"));
  const buffer = refusalWith(text);
  assert.deepEqual(decodeAcknowledgement(buffer, buffer.bytes.length, EXPECTED), {
    errno: 22,
    words: "no such thing",
  });
});

test("decodeAcknowledgement() survives any cut and any attribute length", () => {
  const whole = refusalWith(encodeAttribute(1, new TextEncoder().encode("words\0")));
  for (let length = 0; length < whole.bytes.length; length++) {
    assert.equal(decodeAcknowledgement(whole, length, EXPECTED), null, `${length} bytes`);
  }
  for (let length = 0; length < 64; length++) {
    const broken = refusalWith(Uint8Array.of(length, 0, 1, 0, 65, 66, 67, 68));
    assert.equal(decodeAcknowledgement(broken, broken.bytes.length, EXPECTED)?.errno, 22);
  }
});

test("this kernel destroys the server's end of one connection and leaves the other", async (t) => {
  if (process.geteuid?.() !== 0) return t.skip("destroying sockets takes root");
  const accepted: Socket[] = [];
  const server = createServer((socket) => accepted.push(socket.on("error", () => {}))).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  const clients = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
  await Promise.all(clients.map((client) => new Promise((resolve) => client.once("connect", resolve))));
  using transport = openNetlinkSocket(NetlinkProtocol.SOCK_DIAG);
  const table = new SocketTable();
  new SockDiag(transport).dump(
    { states: [TcpState.ESTABLISHED], ports: [port], info: false },
    table,
    noLosses(),
  );
  const target = clients[0]!;
  const row = table.remotePort.subarray(0, table.length).indexOf(target.localPort!);
  const reset = new Promise<string>((resolve) =>
    target.once("error", (error) => resolve((error as NodeJS.ErrnoException).code ?? "")),
  );
  const destroyer = new SockDestroyer(transport);
  assert.deepEqual(destroyer.destroy([socketId(table, row)]), { destroyed: 1, gone: 0 });
  assert.equal(await reset, "ECONNRESET");
  assert.deepEqual(destroyer.destroy([socketId(table, row)]), { destroyed: 0, gone: 1 });
  assert.equal(clients[1]!.readyState, "open");
  for (const socket of [...clients, ...accepted]) socket.destroy();
  server.close();
});
