// Goal: records come out of real DNS answers as the look-up wants them. Way: a name server on loopback that knows three
// names; its answers are put together byte by byte (RFC 1035 section 4, RFC 2782, RFC 3403).

import assert from "node:assert/strict";
import dgram from "node:dgram";
import { once } from "node:events";
import { test } from "node:test";
import { parseTarget } from "../target.ts";
import { lookUp } from "./lookup.ts";
import { LookupError } from "./resolver.ts";
import { systemResolver } from "./system-resolver.ts";

const TYPES = { SRV: 33, NAPTR: 35 } as const;
const RCODES = { ok: 0, failed: 2, noSuchName: 3 } as const;

const u16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);
const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
const nameBytes = (name: string) =>
  Buffer.concat([
    ...name
      .split(".")
      .filter((l) => l !== "")
      .map(text),
    Buffer.from([0]),
  ]);

const RECORDS: Readonly<Record<string, { readonly type: number; readonly data: readonly Buffer[] }>> = {
  "35 pbx.test": {
    type: TYPES.NAPTR,
    data: [
      Buffer.concat([u16(20), u16(1), text("s"), text("SIP+D2U"), text(""), nameBytes("_sip._udp.pbx.test")]),
      Buffer.concat([u16(10), u16(1), text("s"), text("SIP+D2T"), text(""), nameBytes("_sip._tcp.pbx.test")]),
    ],
  },
  "33 _sip._tcp.pbx.test": {
    type: TYPES.SRV,
    data: [
      Buffer.concat([u16(2), u16(0), u16(5072), nameBytes("127.0.0.2")]),
      Buffer.concat([u16(1), u16(0), u16(5071), nameBytes("127.0.0.1")]),
    ],
  },
  "33 _sip._udp.none.test": {
    type: TYPES.SRV,
    data: [Buffer.concat([u16(0), u16(0), u16(0), nameBytes(".")])],
  },
};

function answer(query: Buffer): Buffer {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const question = query.subarray(12, at + 5);
  const name = labels.join(".").toLowerCase();
  const found = RECORDS[`${query.readUInt16BE(at + 1)} ${name}`];
  const rcode = name.startsWith("broken")
    ? RCODES.failed
    : found === undefined
      ? RCODES.noSuchName
      : RCODES.ok;
  const header = Buffer.concat([
    query.subarray(0, 2),
    u16(0x8180 | rcode),
    u16(1),
    u16(found?.data.length ?? 0),
    u16(0),
    u16(0),
  ]);
  // 0xc00c points back to the name in the question; then type, class IN, a minute to live, and the data.
  const records = (found?.data ?? []).map((data) =>
    Buffer.concat([u16(0xc00c), u16(found!.type), u16(1), u16(0), u16(60), u16(data.length), data]),
  );
  return Buffer.concat([header, question, ...records]);
}

async function nameServer() {
  const socket = dgram.createSocket("udp4");
  socket.on("message", (query, peer) => socket.send(answer(query), peer.port, peer.address));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  return {
    resolver: systemResolver([`127.0.0.1:${socket.address().port}`]),
    [Symbol.dispose]: () => socket.close(),
  };
}

test("NAPTR and SRV of a real name server lead to transport, ports and order", async () => {
  using server = await nameServer();
  const target = parseTarget("sip:pbx.test");
  assert.ok(!("kind" in target));
  const { destinations, chain } = await lookUp(target, {
    resolver: server.resolver,
    random: () => 0,
    family: null,
  });
  assert.deepEqual(
    destinations.map(({ transport, address, port }) => `${transport} ${address}:${port}`),
    ["tcp 127.0.0.1:5071", "tcp 127.0.0.2:5072"],
  );
  assert.match(chain[0]!, /^NAPTR pbx\.test: _sip\._tcp\.pbx\.test, _sip\._udp\.pbx\.test$/);
});

test("no such name is no records, and a failing server is dns-error", async () => {
  using server = await nameServer();
  assert.deepEqual(await server.resolver.naptr("nobody.test"), []);
  assert.deepEqual(await server.resolver.srv("nobody.test"), []);
  await assert.rejects(
    server.resolver.srv("broken.test"),
    (error) => error instanceof LookupError && error.code === "dns-error",
  );
});

test("a target of a dot is a service that is not offered", async () => {
  using server = await nameServer();
  const target = parseTarget("sip:none.test;transport=udp");
  assert.ok(!("kind" in target));
  const found = lookUp(target, { resolver: server.resolver, random: () => 0, family: null });
  await assert.rejects(found, (error) => error instanceof LookupError && error.code === "dns-empty");
});

test("the hosts file is read for addresses", async () => {
  const found = await systemResolver().addresses("localhost");
  assert.ok(found.some(({ address }) => address === "127.0.0.1" || address === "::1"));
});
