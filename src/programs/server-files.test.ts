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
