// Goal: a lab whose owner is killed at any moment leaves nothing behind: no process, and so no namespace, since nothing
// else refers to one. Way: a program that opens a lab carries a mark in its environment, which all processes of the lab
// inherit. After its SIGKILL no process with the mark is found in /proc.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { labUnavailable, until, withTimeout } from "./index.ts";

const PROGRAM = [process.execPath, join(import.meta.dirname, "testing", "hold-forever.ts")];
const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all"];
/** The program has opened its lab by this time, on a busy machine too. */
const OPENING_MS = 600;

const started: ChildProcess[] = [];

function start(mark: string, argv: readonly string[]): ChildProcess {
  const [program, ...args] = argv;
  const env = { ...process.env, LAB_TEST_MARK: mark, HOME: "/tmp" };
  const child = spawn(program!, args, { stdio: ["ignore", "pipe", "inherit"], env });
  started.push(child);
  return child;
}

async function firstLine(child: ChildProcess): Promise<Record<string, number>> {
  const lines = once(createInterface({ input: child.stdout! }), "line");
  const [line] = await withTimeout(lines, { what: "the lab's program to report", timeoutMs: 20_000 });
  return JSON.parse(String(line));
}

/** The processes whose environment has the mark. */
function marked(mark: string): readonly number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => readOrEmpty(`/proc/${pid}/environ`).includes(`LAB_TEST_MARK=${mark}`))
    .map(Number);
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return ""; // Gone meanwhile, or not ours to read.
  }
}

async function expectNothingLeft(mark: string): Promise<void> {
  await until(() => marked(mark).length === 0, {
    what: `the processes ${marked(mark)} of ${mark} to go`,
    timeoutMs: 5000,
  });
}

function newMark(): string {
  return `${process.pid}-${Math.random().toString(36).slice(2)}`;
}

describe("a lab whose owner is killed", { skip: labUnavailable() ?? false, concurrency: true }, () => {
  after(() => {
    for (const child of started) child.kill("SIGKILL");
  });

  test("leaves no process behind, not even stopped ones", async () => {
    const mark = newMark();
    const child = start(mark, PROGRAM);
    const { victim, server } = await firstLine(child);
    assert.match(readFileSync(`/proc/${server}/stat`, "latin1"), /\) T /);
    const namespace = readlinkSync(`/proc/${victim}/ns/net`);
    assert.ok(marked(mark).length >= 8, `${marked(mark)}`);
    child.kill("SIGKILL");
    await expectNothingLeft(mark);
    assert.deepEqual(inNamespace(namespace), []);
  });

  for (const share of [0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1]) {
    test(`leaves none behind when killed at ${share * OPENING_MS} ms, in the middle of opening`, async () => {
      const mark = newMark();
      const child = start(mark, PROGRAM);
      await sleep(share * OPENING_MS);
      // The later kills find a lab that has begun; without that the test would show nothing.
      if (share >= 0.4)
        await until(() => marked(mark).length >= 2, { what: "a lab to begin", timeoutMs: 20_000 });
      child.kill("SIGKILL");
      await once(child, "exit");
      await expectNothingLeft(mark);
      // A process that was being started while /proc was first read would be here by this time.
      await sleep(100);
      await expectNothingLeft(mark);
    });
  }

  const isRoot = process.geteuid?.() === 0;
  test("works for the user nobody too, and leaves none behind", {
    skip: isRoot ? rootlessUnavailable() : false,
  }, async () => {
    const mark = newMark();
    const child = start(mark, isRoot ? [...NOBODY, ...PROGRAM] : PROGRAM);
    const { opened, seen } = await firstLine(child);
    assert.deepEqual({ opened, seen }, { opened: 100, seen: 100 });
    child.kill("SIGKILL");
    await expectNothingLeft(mark);
  });
});

/** The processes in a network namespace. */
function inNamespace(namespace: string): readonly string[] {
  return readdirSync("/proc").filter((name) => {
    try {
      return readlinkSync(`/proc/${name}/ns/net`) === namespace;
    } catch {
      return false;
    }
  });
}

function rootlessUnavailable(): string | false {
  const limit = Number(readOrEmpty("/proc/sys/user/max_user_namespaces"));
  const allowed = readOrEmpty("/proc/sys/kernel/unprivileged_userns_clone").trim() !== "0";
  return limit > 0 && allowed ? false : "no user namespaces without root here";
}
