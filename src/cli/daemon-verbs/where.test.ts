// The search for the daemon's socket.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { ConfigFileError, socketOf, socketPath } from "./where.ts";

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-where-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function written(t: TestContext, text: string): string {
  const file = path.join(folderFor(t), "sockwarden.yaml");
  writeFileSync(file, text);
  return file;
}

test("the socket is looked up in the contract's order", async (t) => {
  const one = written(t, "mode: observe\nsocket: /from/c\n");
  const two = written(t, "socket: /from/environment/config\n");
  const environment = { SOCKWARDEN_SOCKET: "/from/environment", SOCKWARDEN_CONFIG: two };
  const found = (given: object, env: NodeJS.ProcessEnv) => socketPath(given, env, 0);
  assert.equal(await found({ socket: "/said", config: one }, environment), "/said");
  assert.equal(await found({ config: one }, environment), "/from/c");
  assert.equal(await found({}, environment), "/from/environment");
  assert.equal(await found({}, { SOCKWARDEN_CONFIG: two }), "/from/environment/config");
  assert.equal(await found({}, {}), "/run/sockwarden/sockwarden.sock");
  assert.equal(await found({ config: written(t, "mode: observe\n") }, environment), "/from/environment");
});

test("without root the default place is the user's own", async (t) => {
  const runtime = folderFor(t);
  mkdirSync(path.join(runtime, "sockwarden"));
  const own = path.join(runtime, "sockwarden/sockwarden.sock");
  writeFileSync(own, "");
  assert.equal(await socketPath({}, { XDG_RUNTIME_DIR: runtime }, 1000), own);
  assert.equal(await socketPath({}, { XDG_RUNTIME_DIR: runtime }, 0), "/run/sockwarden/sockwarden.sock");
  // The system's daemon may be there where the user's own is not; else the user's own is the one to start.
  const system = "/run/sockwarden/sockwarden.sock";
  const started = path.join(runtime, ".local/state/sockwarden/sockwarden.sock");
  assert.equal(await socketPath({}, { HOME: runtime }, 1000), existsSync(system) ? system : started);
});

for (const [text, socket] of [
  ["socket: /run/x.sock", "/run/x.sock"],
  ['mode: observe\nsocket: "/run/with blank"  # why', "/run/with blank"],
  ["{ mode: observe, socket: /run/x }", "/run/x"],
  ["# socket: /run/x", null],
  ["", null],
] as const) {
  test(`the socket of ${JSON.stringify(text)} is ${socket ?? "not said"}`, async (t) => {
    assert.equal(await socketOf(written(t, text), {}, 0), socket);
  });
}

test("the socket is also found in the conf.d beside the configuration", async (t) => {
  const file = written(t, "mode: observe\n");
  mkdirSync(path.join(path.dirname(file), "conf.d"));
  writeFileSync(path.join(path.dirname(file), "conf.d/socket.yaml"), "socket: /run/from-conf-d\n");
  assert.equal(await socketOf(file, {}, 0), "/run/from-conf-d");
});

test("a configuration that was named and cannot be read, or is wrong, is an error with its place", async (t) => {
  await assert.rejects(socketPath({ config: "/nowhere.yaml" }, {}, 0), ConfigFileError);
  const wrong = written(t, "mode: observe\nsokcet: /run/x\n");
  await assert.rejects(socketPath({ config: wrong }, {}, 0), { message: /sockwarden\.yaml:2:1: sokcet: / });
});
