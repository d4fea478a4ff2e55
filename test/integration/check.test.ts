// `sockwarden check` and `config explain` as scripts and people meet them: exit codes, streams, the files that are
// read.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { BIN, type Ran, run } from "./sockwarden.ts";

const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-check-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const good = path.join(folder, "good.yaml");
const bad = path.join(folder, "bad.yaml");
const odd = path.join(folder, "odd.yaml");
writeFileSync(good, "mode: enforce\nlisteners:\n  - { name: sip, ports: [5060] }\n");
writeFileSync(bad, "mode: enforce\nbann: { first: 5m }\n");
writeFileSync(odd, "mode: enforce\n");

function sockwarden(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  return run([process.execPath, BIN, ...args], { ...process.env, SOCKWARDEN_CONFIG: "", ...env });
}

test("check of a right configuration ends with 0 and sums it up", async () => {
  const { code, stdout, stderr } = await sockwarden(["check", "-c", good]);
  assert.equal(code, 0);
  assert.match(stdout, /^configuration is fine: 1 listener, mode enforce\n/);
  assert.ok(stdout.trimEnd().split("\n").length <= 24);
  assert.equal(stderr, "");
});

test("check of a wrong one ends with 2 and shows the place, in text and in JSON", async () => {
  const text = await sockwarden(["check", "-c", bad]);
  assert.equal(text.code, 2);
  assert.ok(
    text.stdout.startsWith(`${bad}:2:1: bann: unknown key (accepted: did you mean ban?`),
    text.stdout,
  );
  const json = await sockwarden(["check", "--config", bad, "--json"]);
  assert.equal(json.code, 2);
  const { schema, ok, errors } = JSON.parse(json.stdout);
  assert.deepEqual([schema, ok, errors.length], [1, false, 1]);
  const { accepted, ...rest } = errors[0];
  assert.deepEqual(rest, { file: bad, line: 2, column: 1, key: "bann", message: "unknown key" });
  assert.match(accepted, /did you mean ban\?/);
});

test("check takes its file by itself, too, and one alone", async () => {
  const byItself = await sockwarden(["check", bad]);
  assert.equal(byItself.code, 2);
  assert.equal(byItself.stdout, (await sockwarden(["check", "-c", bad])).stdout);
  const both = await sockwarden(["check", good, "-c", bad]);
  assert.equal(both.code, 2);
  assert.match(both.stderr, /name one file, by itself or with -c/);
});

test("a valid but odd setting is a note on stderr, and no mistake", async () => {
  const { code, stdout, stderr } = await sockwarden(["check", "-c", odd, "--json"]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), { schema: 1, ok: true, errors: [] });
  assert.match(stderr, /^note: mode: enforce does nothing without listeners/);
});

test("a file that was asked for must be there", async () => {
  const { code, stdout } = await sockwarden(["check", "-c", path.join(folder, "none.yaml")]);
  assert.equal(code, 2);
  assert.match(stdout, /none\.yaml:1:1: cannot be read: there is no such file/);
});

test("SOCKWARDEN_CONFIG names the file where -c does not", async () => {
  const { stdout } = await sockwarden(["check"], { SOCKWARDEN_CONFIG: bad });
  assert.match(stdout, /bann: unknown key/);
  const { code } = await sockwarden(["check", "-c", good], { SOCKWARDEN_CONFIG: bad });
  assert.equal(code, 0);
});

test("somebody without root finds the file below XDG_CONFIG_HOME", async (t) => {
  if (process.getuid?.() !== 0) return t.skip("only root can become somebody else");
  mkdirSync(path.join(folder, "sockwarden"));
  writeFileSync(path.join(folder, "sockwarden/sockwarden.yaml"), "stateDir: /srv/somewhere\n", {
    mode: 0o644,
  });
  const setpriv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const env = {
    ...process.env,
    XDG_CONFIG_HOME: folder,
    SOCKWARDEN_CONFIG: "",
    XDG_RUNTIME_DIR: "/run/mine",
  };
  // The folder of this test belongs to root alone; the file in it is for everybody.
  const opened = await run(["chmod", "755", folder]);
  assert.equal(opened.code, 0);
  const { code, stdout, stderr } = await run([...setpriv, process.execPath, BIN, "check"], env);
  if (/Permission denied|EACCES/.test(stderr)) return t.skip("this checkout is closed to other users");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /\/srv\/somewhere/);
  assert.match(stdout, /\/run\/mine\/sockwarden\/sockwarden\.sock/);
});

test("config explain tells of one setting, of all, and of none", async () => {
  const one = await sockwarden(["config", "explain", "holdFor"]);
  assert.equal(one.code, 0);
  assert.match(one.stdout, /^listeners\[\]\.limits\.holdFor: [\s\S]*default: by the profile: sip 3m/);
  const all = await sockwarden(["config", "explain", "--json"]);
  const { schema, settings } = JSON.parse(all.stdout);
  assert.equal(schema, 1);
  assert.ok(settings.length > 40);
  const none = await sockwarden(["config", "explain", "hold_for"]);
  assert.equal(none.code, 2);
  assert.equal(none.stdout, "");
  assert.match(none.stderr, /did you mean: listeners\[\]\.limits\.holdFor/);
});
