// The client against the API itself over a real unix socket, and against servers that are not as they should be.

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createPlainServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { createApi, serveUnix } from "../api/index.ts";
import { type MemoryService, memoryService, NOW } from "../api/testing/service.ts";
import { type Client, openClient } from "./client.ts";
import { ClientError, type ClientErrorCode } from "./errors.ts";

const silent = { info: () => {}, error: () => {} };

function socketFor(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-client-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, "s");
}

async function served(
  t: TestContext,
): Promise<{ service: MemoryService; client: Client; stop(): Promise<void> }> {
  const service = memoryService();
  const socket = socketFor(t);
  const server = await serveUnix(createApi(service, { log: silent }), { path: socket });
  const stop = async (): Promise<void> => server[Symbol.asyncDispose]();
  t.after(stop);
  return { service, client: openClient({ socket }), stop };
}

/** A server at the daemon's socket that is no daemon. */
async function impostor(t: TestContext, listener: RequestListener, timeoutMs = 5000): Promise<Client> {
  const socket = socketFor(t);
  const server = createServer(listener).listen(socket);
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, "listening");
  return openClient({ socket, timeoutMs });
}

const failsWith = (code: ClientErrorCode, words: RegExp) => (error: unknown) => {
  assert.ok(error instanceof ClientError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, words);
  return true;
};

test("each method reaches the service's own with its arguments", async (t) => {
  const { client, service } = await served(t);
  await client.read("status");
  await client.census(7);
  await client.read("bans");
  await client.ban({ sources: ["192.0.2.1"], for: "1h", reason: "hoards", listener: "sip" });
  await client.unban({ sources: "all" });
  await client.allow({ source: "192.0.2.0/24", connectionsPerSource: 500 });
  await client.disallow("192.0.2.0/24");
  await client.read("allowlist");
  await client.evict({ source: "2001:db8::/64", listener: "sip" });
  await client.explain("2001:db8::/64");
  await client.reload();
  assert.match(await client.metrics(), /sockwarden_bans 0/);
  assert.deepEqual(
    service.calls.map(({ operation, request }) => [operation, request]),
    [
      ["status", null],
      ["census", 7],
      ["bans", null],
      ["ban", { sources: ["192.0.2.1"], for: "1h", reason: "hoards", listener: "sip" }],
      ["unban", "all"],
      ["allow", { source: "192.0.2.0/24", connectionsPerSource: 500 }],
      ["disallow", "192.0.2.0/24"],
      ["allowlist", null],
      ["evict", { source: "2001:db8::/64", listener: "sip" }],
      ["explain", "2001:db8::/64"],
      ["reload", null],
      ["metrics", null],
    ],
  );
});

test("events are followed until the loop is left, and the daemon forgets the reader", async (t) => {
  const { client, service } = await served(t);
  const texts: string[] = [];
  const ticks = setInterval(() => {
    for (const push of service.followers) push({ at: NOW, event: "ban", text: "äöü\nnext" });
  }, 5);
  t.after(() => clearInterval(ticks));
  for await (const { text } of client.follow()) if (texts.push(text) === 3) break;
  clearInterval(ticks);
  assert.deepEqual(texts, Array(3).fill("äöü\nnext"));
  while (service.followers.size > 0) await new Promise((resolve) => setImmediate(resolve));
});

test("a signal ends following without an error", { timeout: 20_000 }, async (t) => {
  const { client } = await served(t);
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 20);
  for await (const _ of client.follow(controller.signal)) assert.fail("nothing happens");
});

test("a daemon that ends while it is followed is an error", { timeout: 20_000 }, async (t) => {
  const { client, stop, service } = await served(t);
  const following = client.follow().next();
  while (service.followers.size === 0) await new Promise((resolve) => setImmediate(resolve));
  await stop();
  await assert.rejects(following, failsWith("protocol", /ended the connection/));
});

test("without a daemon the error says what to do next", async (t) => {
  const socket = socketFor(t);
  const words =
    /^no daemon answers at \/.*: start it with `sockwarden run`, or name its socket with --socket$/;
  await assert.rejects(openClient({ socket }).read("status"), failsWith("no-daemon", words));
  await assert.rejects(
    openClient({ socket: "/".padEnd(300, "x") }).read("status"),
    failsWith("no-daemon", words),
  );
  await assert.rejects(openClient({ socket: "/etc/passwd" }).read("status"), failsWith("no-daemon", words));
  await assert.rejects(openClient({ socket: "/etc/passwd/s" }).read("status"), failsWith("no-daemon", words));
  await assert.rejects(openClient({ socket }).follow().next(), failsWith("no-daemon", words));
});

test("a refusal has the daemon's words, the field, and what is accepted", async (t) => {
  const { client } = await served(t);
  await assert.rejects(client.ban({ sources: ["192.0.2.1"], listener: "smtp" }), (error) => {
    assert.ok(error instanceof ClientError);
    const { code, field, accepted, message } = error;
    assert.deepEqual([code, field, accepted], ["refused", "listener", "sip"]);
    assert.equal(message, "there is no listener smtp; accepted: sip");
    return true;
  });
});

for (const [what, listener] of [
  ["another program's page", (_request, response) => response.end("<html>")],
  ["another program's error", (_request, response) => response.writeHead(502).end("bad gateway")],
  ["another schema", (_request, response) => response.end('{"schema":2}')],
  ["a bare null", (_request, response) => response.end("null")],
] as [string, RequestListener][]) {
  test(`the client tells ${what} from an answer of the daemon`, async (t) => {
    const client = await impostor(t, listener);
    await assert.rejects(
      client.read("status"),
      failsWith("protocol", /no daemon of ours, or of another version/),
    );
  });
}

test("an answer that is cut short is an error", async (t) => {
  const client = await impostor(t, (_request, response) => {
    response.writeHead(200, { "content-length": 100 }).write("{");
    setTimeout(() => response.destroy(), 10);
  });
  await assert.rejects(client.read("status"), failsWith("protocol", /ended the connection/));
});

test("a daemon that accepts and says nothing, or never ends, is given up in time", async (t) => {
  const silence = await impostor(t, () => {}, 100);
  await assert.rejects(silence.read("status"), failsWith("timeout", /did not answer within 0\.1 s/));
  await assert.rejects(silence.follow().next(), failsWith("timeout", /did not answer/));
  const endless = await impostor(
    t,
    (_request, response) => {
      const drip = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(drip));
    },
    100,
  );
  await assert.rejects(endless.read("status"), failsWith("timeout", /did not answer/));
});

test("a server that speaks no HTTP is a protocol error", async (t) => {
  const socket = socketFor(t);
  const server = createPlainServer((peer) => peer.end("220 smtp\r\n")).listen(socket);
  t.after(() => server.close());
  await once(server, "listening");
  await assert.rejects(
    openClient({ socket }).read("status"),
    (error) => error instanceof ClientError && error.code === "protocol",
  );
});
