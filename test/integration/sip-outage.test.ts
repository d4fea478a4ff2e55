// Goal: the outage this project is about is seen, and named by its phase. Way: Kamailio with few descriptors, and a
// client that opens connections and says nothing. A connect check, UDP and connected clients stay green meanwhile.

import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProbeOptions } from "../../src/sip/index.ts";
import { startKamailio, whyNoKamailio } from "./sip-kamailio-server.ts";
import { probeOnce, testOptions } from "./sip-support.ts";

const DESCRIPTORS = 96;
const HOARDED = 120;

describe("a Kamailio that is out of descriptors", { skip: whyNoKamailio() ?? false }, () => {
  test("is told by the phase: TCP no-response, TLS tls-timeout, WebSocket ws-timeout, UDP answered; and recovers", async () => {
    await using server = await startKamailio({ algorithm: "MD5", descriptors: DESCRIPTORS });
    const options: Partial<ProbeOptions> = {
      deadlineMs: 800,
      lateAfterMs: 5000,
      tls: { ...testOptions().tls, ca: server.certificates.ca },
    };
    const seen = async (text: string, changes: Partial<ProbeOptions> = {}) => {
      const { phase, outcome } = await probeOnce(text, { ...options, ...changes });
      return `${phase} ${outcome}`;
    };
    const targets = [
      `tcp:127.0.0.1:${server.port}`,
      `tls:127.0.0.1:${server.tlsPort}`,
      `ws://127.0.0.1:${server.wsPort}/`,
      `udp:127.0.0.1:${server.port}`,
    ];
    const hoard = await connectMany(server.port, HOARDED);
    try {
      await sleep(300);
      assert.deepEqual(await Promise.all(targets.map((text) => seen(text))), [
        "response no-response",
        "tls tls-timeout",
        "ws ws-timeout",
        "response answered",
      ]);
    } finally {
      for (const socket of hoard) socket.destroy();
    }
    const recovered = { deadlineMs: 5000 };
    assert.equal(await seen(targets[0]!, recovered), "response answered");
    assert.equal(await seen(targets[1]!, recovered), "response answered");
  });
});

async function connectMany(port: number, count: number): Promise<readonly net.Socket[]> {
  const sockets = Array.from({ length: count }, () => net.connect(port, "127.0.0.1"));
  await Promise.all(
    sockets.map((socket) =>
      once(
        socket.on("error", () => {}),
        "connect",
      ),
    ),
  );
  return sockets;
}
