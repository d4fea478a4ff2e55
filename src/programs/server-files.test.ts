// The reading of a server's files is bounded, whoever laid them out.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { HOST_MACHINE, type MachineRoot } from "../linux/index.ts";
import { readProgramConfig } from "./program-config.ts";
import { ProgramLimits } from "./program-limits.ts";

const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-files-"));
after(() => rmSync(folder, { recursive: true }));
const server = { pid: 812, name: "kamailio" };

/** A machine on which Kamailio has this folder of configuration. */
function machine(name: string): { readonly root: MachineRoot; readonly etc: string } {
  const proc = path.join(folder, name);
  const etc = path.join(proc, "812/root/etc/kamailio");
  mkdirSync(etc, { recursive: true });
  writeFileSync(path.join(proc, "812/cmdline"), "kamailio\0");
  return { root: { ...HOST_MACHINE, proc, etc: path.join(proc, "etc") }, etc };
}

test("nobody waits for a pipe in a file's place", () => {
  const { root, etc } = machine("pipe");
  execFileSync("mkfifo", [path.join(etc, "kamailio.cfg")]);
  assert.equal(new ProgramLimits(root).read(server), null);
  assert.equal(readProgramConfig(root, server)?.readable, false);
});

test("files that include each other without end are given up, and their limit is not guessed", () => {
  const { root, etc } = machine("fork-bomb");
  const text = 'include_file "kamailio.cfg"\n'.repeat(1000);
  writeFileSync(path.join(etc, "kamailio.cfg"), `tcp_max_connections=10\n${text}`);
  const startMs = performance.now();
  assert.equal(new ProgramLimits(root).read(server), null);
  assert.equal(readProgramConfig(root, server)?.readable, false);
  assert.ok(performance.now() - startMs < 5000);
});

test("a file of comments that do not end is read in time", () => {
  const { root, etc } = machine("comments");
  writeFileSync(path.join(etc, "kamailio.cfg"), `tcp_max_connections=10\n${"/*".repeat(1_000_000)}`);
  assert.equal(new ProgramLimits(root).read(server)?.connections, 10);
});

test("folders that are listed again and again are given up", () => {
  const { root } = machine("folders");
  const etc = path.join(root.proc, "812/root/etc/mosquitto");
  mkdirSync(path.join(etc, "conf.d"), { recursive: true });
  for (let i = 0; i < 300; i++) writeFileSync(path.join(etc, `conf.d/${i}.txt`), "");
  const lines = "include_dir /etc/mosquitto/conf.d\n".repeat(20_000);
  writeFileSync(path.join(etc, "mosquitto.conf"), `${lines}max_connections 5\n`);
  const [startMs, mosquitto] = [performance.now(), { pid: 812, name: "mosquitto" }];
  assert.equal(readProgramConfig(root, mosquitto)?.readable, false);
  assert.ok(performance.now() - startMs < 2000, "it took 8 s");
});

test("a pattern of many wildcards is matched in time, and none walks through all folders", () => {
  const { root } = machine("wildcards");
  const etc = path.join(root.proc, "812/root/etc/nginx");
  mkdirSync(path.join(etc, "sites/deep"), { recursive: true });
  writeFileSync(path.join(etc, "a".repeat(250)), "");
  writeFileSync(path.join(etc, "sites/deep/b.conf"), "listen 1;\n");
  writeFileSync(path.join(etc, "sites/0-a.conf"), "listen 2;\n");
  writeFileSync(path.join(etc, "sites/.c.conf"), "listen 3;\n");
  writeFileSync(
    path.join(etc, "nginx.conf"),
    "include *a*a*a*a*b;\ninclude **/b.conf;\ninclude */[0-9]*.conf;\ninclude s*/none;\n",
  );
  const startMs = performance.now();
  const config = readProgramConfig(root, { pid: 812, name: "nginx" });
  assert.deepEqual(
    config?.settings.map(({ value }) => value),
    ["2"],
  );
  assert.ok(performance.now() - startMs < 2000, "it took 41 s");
});

for (const [title, line] of [
  ["words", "a ".repeat(100_000)],
  ["one word", "a".repeat(200_000)],
  ["blanks", `a${" ".repeat(200_000)}`],
] as const) {
  test(`a line of nginx.conf that is nothing but ${title} is read in time`, () => {
    const { root } = machine(`nginx of ${title}`);
    const etc = path.join(root.proc, "812/root/etc/nginx");
    mkdirSync(etc, { recursive: true });
    writeFileSync(path.join(etc, "nginx.conf"), `worker_connections 7; ${line}\nhttp { tcp_nodelay on; }\n`);
    const startMs = performance.now();
    const config = readProgramConfig(root, { pid: 812, name: "nginx" });
    assert.deepEqual(
      config?.settings.map(({ name, value }) => `${name} ${value}`),
      ["worker_connections 7", "tcp_nodelay on"],
    );
    assert.ok(performance.now() - startMs < 2000, "it took 14 s and more");
  });
}

test("a server whose configuration could not be read is told for as long as it runs", () => {
  const { root, etc } = machine("untold");
  const limits = new ProgramLimits(root);
  const comm = path.join(root.proc, "812/comm");
  writeFileSync(comm, "kamailio\n");
  assert.equal(limits.read(server), null);
  assert.match(
    limits.problems().join(),
    /of kamailio \(pid 812\) could not be read \(\/etc\/kamailio\/kamailio.cfg\)/,
  );
  writeFileSync(comm, "nginx\n");
  assert.deepEqual(limits.problems(), [], "it is another program now");
  writeFileSync(comm, "kamailio\n");
  writeFileSync(path.join(etc, "kamailio.cfg"), "tcp_max_connections=10\n");
  assert.equal(limits.read(server)?.connections, 10);
  assert.deepEqual(limits.problems(), []);
});
