import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import { PassiveOpens } from "./passive-opens.ts";
import { readSnmp } from "./proc-net.ts";
import { HOST_ROOT } from "./system-root.ts";

/** The number read from `text` in net/snmp. */
function readFrom(text: string | null): number | null {
  const proc = mkdtempSync(path.join(tmpdir(), "sockwarden-proc-"));
  try {
    mkdirSync(`${proc}/thread-self/net`, { recursive: true });
    if (text !== null) writeFileSync(`${proc}/thread-self/net/snmp`, text);
    using opens = PassiveOpens.open({ proc, sys: proc });
    return opens.read();
  } finally {
    rmSync(proc, { recursive: true });
  }
}

const CASES: readonly (readonly [title: string, text: string | null, opens: number | null])[] = [
  [
    "the column by its name",
    "Ip: A\nIp: 1\nTcp: MaxConn PassiveOpens X\nTcp: -1 4711 5\nUdp: B\nUdp: 2\n",
    4711,
  ],
  ["the last column", "Ip: A\nIp: 1\nTcp: PassiveOpens\nTcp: 7\n", 7],
  ["null where there is no file", null, null],
  ["null where there is nothing in it", "", null],
  ["null where the column is missing", "Ip: A\nIp: 1\nTcp: MaxConn\nTcp: 1\n", null],
  ["null where the values are missing", "Ip: A\nIp: 1\nTcp: MaxConn PassiveOpens\n", null],
  [
    "null where there are fewer values than names",
    "Ip: A\nIp: 1\nTcp: A B PassiveOpens\nTcp: 1 2\nUdp: 3 4\n",
    null,
  ],
];

for (const [title, text, opens] of CASES) {
  test(`PassiveOpens reads ${title}`, () => assert.equal(readFrom(text), opens));
}

test("PassiveOpens counts every handshake that a listener has finished, as the whole file says", async () => {
  using opens = PassiveOpens.open(HOST_ROOT);
  const server = createServer((socket) => socket.end()).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const before = opens.read()!;
  for (let i = 0; i < 10; i++) {
    const socket = connect((server.address() as { port: number }).port, "127.0.0.1").resume();
    await new Promise((resolve) => socket.once("close", resolve));
  }
  server.close();
  const least = readSnmp(HOST_ROOT).get("Tcp.PassiveOpens")!;
  const after = opens.read()!;
  const most = readSnmp(HOST_ROOT).get("Tcp.PassiveOpens")!;
  assert.ok(after - before >= 10);
  assert.ok(least <= after && after <= most, `${least} <= ${after} <= ${most}`);
});
