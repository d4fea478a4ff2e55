// The API over TCP: only healthz answers without the token, and the token's file is made and watched over.

import assert from "node:assert/strict";
import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { createApi } from "./app.ts";
import { ApiError } from "./errors.ts";
import { serveTcp, type TcpApi } from "./serve-tcp.ts";
import { type MemoryService, memoryService } from "./testing/service.ts";
import { ask, folderFor, notedLog } from "./testing/talk.ts";

async function serve(
  t: TestContext,
  tokenFile: string,
  {
    service = memoryService(),
    host = "127.0.0.1",
    port = 0,
  }: Partial<{ service: MemoryService; host: string; port: number }> = {},
): Promise<TcpApi> {
  const api = await serveTcp(createApi(service, { log: notedLog() }), { host, port, tokenFile });
  t.after(() => api[Symbol.asyncDispose]());
  return api;
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const refusedFor = (words: RegExp) => (error: unknown) =>
  error instanceof ApiError && error.code === "token" && words.test(error.message);

test("a token is made of random bytes, for its owner alone, and kept", async (t) => {
  const file = path.join(folderFor(t), "etc/token");
  const first = await serve(t, file);
  const token = readFileSync(file, "utf8").trim();
  assert.equal((statSync(file).mode & 0o7777).toString(8), "600");
  assert.match(token, /^[\w-]{43}$/);
  await first[Symbol.asyncDispose]();
  await serve(t, file);
  assert.equal(readFileSync(file, "utf8").trim(), token);
});

test("everything but healthz needs the token, and says so", async (t) => {
  const file = path.join(folderFor(t), "token");
  const service = memoryService();
  const { port } = await serve(t, file, { service });
  const where = { host: "127.0.0.1", port };
  const token = readFileSync(file, "utf8").trim();
  assert.equal((await ask(where, "GET", "/healthz")).status, 200);
  const calls = service.calls.length;
  for (const given of [
    {},
    bearer("x"),
    bearer(`${token}x`),
    bearer(token.slice(1)),
    { headers: { authorization: token } },
  ]) {
    for (const target of [
      "/v1/status",
      "/metrics",
      "/openapi.json",
      "/v1/stream",
      "/nothing",
      "/healthz/../v1/status",
    ]) {
      const answer = await ask(where, "GET", target, given);
      assert.equal(answer.status, 401, target);
      assert.match(String(answer.headers["www-authenticate"]), /^Bearer/);
      assert.equal(JSON.parse(answer.text).error.code, "unauthorized");
    }
  }
  assert.equal(service.calls.length, calls);
  const allowed = await ask(where, "POST", "/v1/bans", {
    ...bearer(token),
    json: { sources: ["192.0.2.1"] },
    headers: { authorization: `bearer ${token}`, "content-type": "application/json" },
  });
  assert.equal(allowed.status, 200, allowed.text);
  assert.deepEqual(service.calls.at(-1)?.caller, { uid: null, pid: null });
});

test("a token file that others may read, that is short, or that is no file, is refused", async (t) => {
  const folder = folderFor(t);
  const file = path.join(folder, "token");
  writeFileSync(file, `${"x".repeat(32)}\n`);
  chmodSync(file, 0o644);
  await assert.rejects(serve(t, file), refusedFor(/others: chmod o= /));
  chmodSync(file, 0o640);
  await serve(t, file);
  writeFileSync(file, "short\n");
  await assert.rejects(serve(t, file), refusedFor(/fewer than 16/));
  chmodSync(folder, 0o700);
  await assert.rejects(serve(t, folder), refusedFor(/no regular file/));
  symlinkSync(path.join(folder, "nowhere"), path.join(folder, "link"));
  await assert.rejects(serve(t, path.join(folder, "link")), refusedFor(/cannot be read/));
});

test("a port that is taken is an error that names it", async (t) => {
  const file = path.join(folderFor(t), "token");
  const { port } = await serve(t, file);
  await assert.rejects(
    serve(t, file, { port }),
    (error) => error instanceof ApiError && String(error).includes(`127.0.0.1:${port}`),
  );
});

test("ending waits for no client", async (t) => {
  const api = await serve(t, path.join(folderFor(t), "token"));
  const socket = connect(api.port, "127.0.0.1").on("error", () => {});
  t.after(() => socket.destroy());
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.write("GET /healthz HTTP/1.1\r\n");
  const startedMs = performance.now();
  await api[Symbol.asyncDispose]();
  assert.ok(performance.now() - startedMs < 5000);
});
