// The API's unix socket: its rights, what it replaces and what it leaves alone, and slow clients. Judged by the file
// system, by clients, and by ss.

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { createApi } from "./app.ts";
import { ApiError } from "./errors.ts";
import { serveUnix, type UnixOptions } from "./serve-unix.ts";
import { type MemoryService, memoryService } from "./testing/service.ts";
import { ask, askRaw, folderFor, notedLog } from "./testing/talk.ts";

async function serve(
  t: TestContext,
  options: UnixOptions,
  service: MemoryService = memoryService(),
): Promise<AsyncDisposable> {
  const server = await serveUnix(createApi(service, { log: notedLog() }), options);
  t.after(() => server[Symbol.asyncDispose]());
  return server;
}

const coded = (code: string) => (error: unknown) => error instanceof ApiError && error.code === code;

test("the socket is 0660 in a folder that was made for it, and goes with the server", async (t) => {
  const file = path.join(folderFor(t), "run/sockwarden/s");
  const server = await serve(t, { path: file });
  const found = statSync(file);
  assert.ok(found.isSocket());
  assert.equal((found.mode & 0o7777).toString(8), "660");
  await server[Symbol.asyncDispose]();
  assert.equal(existsSync(file), false);
});

test("the socket's mode and group are those asked for", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("giving files away needs root");
  const file = path.join(folderFor(t), "s");
  await serve(t, { path: file, mode: 0o600, group: 65_534 });
  const { mode, gid } = statSync(file);
  assert.deepEqual([(mode & 0o7777).toString(8), gid], ["600", 65_534]);
  const other = path.join(folderFor(t), "s");
  await serve(t, { path: other, group: "daemon" });
  const named = spawnSync("stat", ["-c", "%G", other], { encoding: "utf8" });
  assert.equal(named.stdout.trim(), "daemon");
});

test("a group that does not exist is an error before anything is touched", async (t) => {
  const file = path.join(folderFor(t), "s");
  await assert.rejects(serve(t, { path: file, group: "no-such-group" }), coded("no-such-group"));
  assert.equal(existsSync(file), false);
});

test("a second daemon is refused, and the first goes on answering", async (t) => {
  const file = path.join(folderFor(t), "s");
  await serve(t, { path: file });
  await assert.rejects(
    serve(t, { path: file }),
    (error) => coded("socket-in-use")(error) && /another daemon answers on/.test(String(error)),
  );
  assert.equal((await ask({ socketPath: file }, "GET", "/healthz")).status, 200);
});

test("two daemons that start at the same moment do not both get the socket, stale or not", async (t) => {
  for (const stale of [false, true, true, true]) {
    const file = path.join(folderFor(t), "s");
    if (stale) await leaveStale(file);
    const starts = await Promise.allSettled([serve(t, { path: file }), serve(t, { path: file })]);
    assert.deepEqual(starts.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
    assert.equal((await ask({ socketPath: file }, "GET", "/healthz")).status, 200);
  }
});

test("the socket of a killed daemon is replaced", async (t) => {
  const file = path.join(folderFor(t), "s");
  await leaveStale(file);
  await serve(t, { path: file });
  assert.equal((await ask({ socketPath: file }, "GET", "/healthz")).status, 200);
});

/** Leaves a socket's file without anybody behind it, as kill -9 does. */
async function leaveStale(file: string): Promise<void> {
  const script = "require('net').createServer().listen(process.argv[1], () => process.stdout.write('up'))";
  const child = spawn(process.execPath, ["-e", script, file], { stdio: ["ignore", "pipe", "inherit"] });
  await once(child.stdout, "data");
  child.kill("SIGKILL");
  await once(child, "close");
}

test("a file, a folder or a link in the socket's place is never deleted", async (t) => {
  const folder = folderFor(t);
  const file = path.join(folder, "file");
  writeFileSync(file, "precious");
  mkdirSync(path.join(folder, "folder"));
  symlinkSync(file, path.join(folder, "link"));
  for (const name of ["file", "folder", "link"])
    await assert.rejects(serve(t, { path: path.join(folder, name) }), coded("not-a-socket"));
  assert.equal(readFileSync(path.join(folder, "link"), "utf8"), "precious");
});

test("a daemon that accepts but does not answer is alive, too", async (t) => {
  const file = path.join(folderFor(t), "s");
  const busy = createServer().listen(file);
  t.after(() => busy.close());
  await once(busy, "listening");
  await assert.rejects(serve(t, { path: file }), coded("socket-in-use"));
});

test("another user's caller is told by its uid", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("this test steps down from root");
  const folder = folderFor(t);
  const service = memoryService();
  const file = path.join(folder, "s");
  spawnSync("chmod", ["755", folder]);
  await serve(t, { path: file, mode: 0o666 }, service);
  const curl = ["curl", "-sS", "-X", "POST", "--unix-socket", file, "http://localhost/v1/reload"];
  const argv = ["--reuid=65534", "--regid=65534", "--clear-groups", "--", ...curl];
  const child = spawn("setpriv", argv, { stdio: "ignore" });
  const [code] = await once(child, "close");
  assert.equal(code, 0);
  assert.deepEqual(service.calls[0]?.caller, { uid: 65_534, pid: child.pid });
});

test("a user without rights to the socket is turned away by the kernel", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("this test steps down from root");
  const folder = folderFor(t);
  const file = path.join(folder, "s");
  spawnSync("chmod", ["755", folder]);
  await serve(t, { path: file });
  const script = "require('net').connect(process.argv[1]).on('error', (e) => process.stdout.write(e.code))";
  const argv = ["--reuid=65534", "--regid=65534", "--clear-groups", "--", process.execPath, "-e", script];
  const child = spawn("setpriv", [...argv, file], { stdio: ["ignore", "pipe", "ignore"] });
  assert.equal(String((await once(child.stdout, "data"))[0]).trim(), "EACCES");
});

test("a request that comes too slowly is cut with an error document", async (t) => {
  const file = path.join(folderFor(t), "s");
  await serve(t, { path: file, limits: { headersMs: 100, requestMs: 300 } });
  const slowHead = await askRaw(file, "GET /v1/status HTTP/1.1\r\nhost: a\r\n");
  assert.match(slowHead, /^HTTP\/1\.1 408 [\s\S]*too long to arrive/);
  const slowBody = await askRaw(
    file,
    "POST /v1/bans HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{",
  );
  assert.match(slowBody, /^HTTP\/1\.1 408 /);
});

test("a connection that says nothing is closed, and more connections than allowed are not kept", async (t) => {
  const file = path.join(folderFor(t), "s");
  await serve(t, { path: file, limits: { idleMs: 300, connectionsMax: 2 } });
  const held = [1, 2, 3, 4].map(() =>
    connect(file)
      .on("error", () => {})
      .resume(),
  );
  const closed = held.map((socket) => once(socket, "close"));
  // The first two are cut for saying nothing, the other two are refused at once: then there is room for one more.
  await Promise.all(closed);
  assert.equal((await ask({ socketPath: file }, "GET", "/healthz")).status, 200);
});
