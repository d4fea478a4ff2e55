// Peer credentials of real unix sockets: of this process, and of one that has stepped down to another user.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { SyscallError } from "./libc.ts";
import { type PeerCredentials, readPeerCredentials } from "./peer-credentials.ts";

/** A unix socket that notes who connects to it. */
async function doorman(t: TestContext): Promise<{ name: string; next(): Promise<PeerCredentials> }> {
  const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-peer-"));
  chmodSync(folder, 0o755);
  const name = path.join(folder, "s");
  const server = createServer((socket) => socket.resume()).listen(name);
  t.after(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await once(server, "listening");
  chmodSync(name, 0o666);
  return {
    name,
    async next() {
      const [socket] = (await once(server, "connection")) as [Socket & { _handle: { fd: number } }];
      const credentials = readPeerCredentials(socket._handle.fd);
      socket.destroy();
      return credentials;
    },
  };
}

test("the peer of a unix socket is this process, with its user and group", async (t) => {
  const { name, next } = await doorman(t);
  const client = connect(name).on("error", () => {});
  const { pid, uid, gid } = await next();
  client.destroy();
  assert.deepEqual([pid, uid, gid], [process.pid, process.getuid!(), process.getgid!()]);
});

test("another user's process is told by its own uid, gid and pid", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("this test steps down from root");
  const { name, next } = await doorman(t);
  const script = "require('net').connect(process.argv[1]).on('close', () => {}).on('error', () => {})";
  const argv = ["--reuid=65534", "--regid=65533", "--clear-groups", "--", process.execPath, "-e", script];
  const child = spawn("setpriv", [...argv, name], { stdio: "ignore" });
  const ended = once(child, "close");
  assert.deepEqual(await next(), { pid: child.pid, uid: 65_534, gid: 65_533 });
  await ended;
});

test("a descriptor that is no socket is refused with the kernel's words", () => {
  assert.throws(
    () => readPeerCredentials(0x7fff),
    (error) => error instanceof SyscallError && /SO_PEERCRED: Bad file descriptor/.test(error.message),
  );
});
