// The lab itself: its namespaces, and programs that run in them.

import assert from "node:assert/strict";
import { readFileSync, readlinkSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Lab, labUnavailable, openLab, until } from "./index.ts";

describe("a lab", { skip: labUnavailable() ?? false }, () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab();
  });
  after(() => lab.close());

  test("has two network namespaces of its own, known by processes that the owner sees", () => {
    const inodes = [process.pid, lab.victim.pid, lab.client.pid].map((pid) =>
      readlinkSync(`/proc/${pid}/ns/net`),
    );
    assert.equal(new Set(inodes).size, 3);
  });

  test("runs a program in a namespace and returns its output and exit code", async () => {
    const { code, stdout, stderr } = await lab.victim.run(["ip", "-br", "link", "show", "lab0"]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^lab0@\S+ +UP /);
    assert.equal((await lab.victim.run(["false"])).code, 1);
  });

  test("gives a program its input, environment and folder", async () => {
    const options = { input: "in\n", env: { LAB_WORD: "out" }, cwd: "/proc" };
    assert.equal((await lab.client.run(["cat"], options)).stdout, "in\n");
    assert.equal((await lab.client.run(["printenv", "LAB_WORD"], options)).stdout, "out\n");
    assert.equal((await lab.client.run(["pwd"], options)).stdout, "/proc\n");
  });

  test("read() throws with the program's own words when it fails", async () => {
    await assert.rejects(
      () => lab.victim.read(["ip", "link", "show", "nothing"]),
      /ip link show nothing: exit code 1\nDevice "nothing" does not exist/,
    );
  });

  test("returns large output whole", async () => {
    const { stdout } = await lab.victim.run(["head", "-c", "20000000", "/dev/zero"]);
    assert.equal(stdout.length, 20_000_000);
  });

  test("ends a program that writes too much, or takes too long, and says so", async () => {
    const limits = { outputBytesMax: 1_000_000, timeoutMs: 5000 };
    await assert.rejects(() => lab.victim.run(["yes"], limits), /yes: wrote more than 1000000 bytes/);
    await assert.rejects(
      () => lab.victim.run(["sleep", "1000"], { timeoutMs: 100 }),
      /waited 100 ms for sleep 1000 to end/,
    );
  });

  test("starts a program that runs on, under the number that the owner sees, and stops it", async () => {
    const sleeper = await lab.victim.start(["sleep", "1000"]);
    // The process exists before it becomes the program.
    const isSleep = () => readFileSync(`/proc/${sleeper.pid}/cmdline`, "latin1").startsWith("sleep");
    await until(isSleep, { what: "the program to be executed", timeoutMs: 5000 });
    assert.deepEqual((await sleeper.stop()).signal, "SIGTERM");
    assert.throws(() => readFileSync(`/proc/${sleeper.pid}/cmdline`));
  });

  test("ends what a program leaves behind, with stop() and after run()", async () => {
    const mark = `6${process.pid}.5`;
    const isThere = async () =>
      (await lab.victim.run(["ps", "-eo", "args"])).stdout.includes(`sleep ${mark}`);
    const stubborn = await lab.victim.start(["sh", "-c", `(trap '' TERM; exec sleep ${mark}) & wait`]);
    await until(isThere, { what: "the child to start", timeoutMs: 5000 });
    await stubborn.stop();
    await until(async () => !(await isThere()), { what: "the child to be gone", timeoutMs: 5000 });
    await lab.victim.run(["sh", "-c", `sleep ${mark} & exit 0`]);
    await until(async () => !(await isThere()), { what: "the second child to be gone", timeoutMs: 5000 });
  });

  test("outlives output that comes after a program's end", async () => {
    const { code } = await lab.victim.run(["sh", "-c", "(sleep 1; echo late) & exit 0"]);
    assert.equal(code, 0);
    await sleep(1500);
    assert.equal((await lab.victim.run(["echo", "still here"])).stdout, "still here\n");
  });

  test("checks no IPv6 address for duplicates", async () => {
    assert.equal(await lab.victim.read(["ip", "-6", "address", "show", "tentative"]), "");
  });
});

test("a lab can be closed twice, and tells later users that it is closed", {
  skip: labUnavailable() ?? false,
}, async () => {
  const lab = await openLab();
  await Promise.all([lab.close(), lab.close()]);
  await lab.close();
  await assert.rejects(() => lab.victim.run(["true"]), /true: did not start: the lab is closed/);
});
