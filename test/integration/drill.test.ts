// Goal: the drill shows an outage in private namespaces, says so in the contract's form, and leaves nothing behind.
// Way: the program as users run it, against the installed server. The scenarios' own test covers protection
// (test/integration/scenarios).

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { describe, test } from "node:test";
import { labUnavailable } from "../../lab/index.ts";
import { BIN, sockwarden } from "./sockwarden.ts";

describe("sockwarden drill", { skip: labUnavailable() ?? false, concurrency: 2 }, () => {
  test("lists the scenarios, for people and as JSON", async () => {
    const text = await sockwarden(null, ["drill", "--list"]);
    assert.equal(text.code, 0);
    assert.match(text.stdout, /^A1 {2,}the story: one source/m);
    const json = await sockwarden(null, ["drill", "--list", "--json"]);
    const { schema, scenarios } = JSON.parse(json.stdout);
    assert.equal(schema, 1);
    assert.ok(scenarios.some(({ scenario }: { scenario: string }) => scenario === "H1"));
  });

  test("refuses a scenario that does not exist, and a half that is none", async () => {
    const strange = await sockwarden(null, ["drill", "A99"]);
    assert.deepEqual([strange.code, strange.stdout], [2, ""]);
    assert.match(strange.stderr, /there is no scenario 'A99'; --list shows them/);
    assert.equal((await sockwarden(null, ["drill", "--only", "both"])).code, 2);
    assert.equal((await sockwarden(null, ["drill", "--seconds", "0"])).code, 2);
  });

  test("with --json writes one object a line, the last the summary of the outage", async () => {
    const ran = await sockwarden(null, ["drill", "a2", "--only", "unprotected", "--seconds", "4", "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    const lines = ran.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.ok(lines.every(({ schema }) => schema === 1));
    const samples = lines.slice(0, -1);
    assert.ok(samples.length >= 4 && samples.every(({ type }) => type === "sample"), ran.stdout);
    const { type, scenario, protected: guarded, unprotected } = lines.at(-1);
    assert.deepEqual([type, scenario, guarded], ["summary", "A2", null]);
    assert.ok(unprotected.slotsMax >= unprotected.slots && unprotected.fullMs > 1000, ran.stdout);
    assert.ok(unprotected.calls.failed > 0 && unprotected.held.cut === 0, ran.stdout);
    assert.deepEqual([unprotected.timeToBanMs, unprotected.timeToFreeMs], [null, null]);
  });

  test("plays both halves, and the guard frees what the attack held", async () => {
    const ran = await sockwarden(null, ["drill", "A2", "--seconds", "4", "--json"]);
    assert.equal(ran.code, 0, ran.stderr);
    const summary = JSON.parse(ran.stdout.trim().split("\n").at(-1)!);
    const { unprotected, protected: guarded } = summary;
    assert.ok(unprotected.attacker.atEnd > 1900 && unprotected.timeToFreeMs === null, ran.stdout);
    assert.deepEqual([guarded.attacker.atEnd, guarded.calls.failed, guarded.held.cut], [0, 0, 0], ran.stdout);
    assert.ok(guarded.timeToBanMs !== null && guarded.timeToFreeMs !== null, ran.stdout);
  });

  test("shows its progress on stderr and its result on stdout, without colours where NO_COLOR is set", async () => {
    const ran = await sockwarden(null, ["drill", "A9", "--only", "unprotected", "--seconds", "2"]);
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /^A9: one source connects and closes/);
    assert.match(ran.stderr, /^without +\d\.\d s +\S+ +\d+ of \d+ +attacker +\d+ +calls \d+ answered$/m);
    assert.match(ran.stdout, /^ +WITHOUT\n/m);
    assert.doesNotMatch(ran.stdout + ran.stderr, /\u001b/);
  });

  test("stopped by Ctrl-C leaves no process and no folder", async (t) => {
    // The folder of this play alone: other drills may run at the same time.
    const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-drill-test-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const child = spawn(process.execPath, [BIN, "drill", "A1"], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, TMPDIR: folder },
    });
    let stderr = "";
    const playing = Promise.withResolvers<void>();
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
      if (/^without/m.test(stderr)) playing.resolve();
    });
    const exited = once(child, "exit");
    await Promise.race([playing.promise, exited]);
    const own = processesWith(`TMPDIR=${folder}`);
    assert.ok(own.length >= 3, `${own.length} processes, ${stderr}`);
    child.kill("SIGINT");
    const [code] = await exited;
    assert.equal(code, 1, stderr);
    assert.match(stderr, /Stopped\. Nothing of the drill is left\./);
    assert.deepEqual(processesWith(`TMPDIR=${folder}`), []);
    assert.deepEqual(readdirSync(folder), []);
  });
});

/** Processes with this in their environment: the drill's own all inherit it. */
function processesWith(setting: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => environmentOf(pid).includes(setting));
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
  } catch {
    return []; // It has ended, or is somebody else's.
  }
}
