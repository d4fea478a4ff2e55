import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { EVERYTHING } from "./census.ts";
import { ScanError } from "./scan-messages.ts";
import { openScanner } from "./scanner.ts";

const isRoot = process.getuid?.() === 0;

test("a scanner scans on the calling thread and, with a namespace, in a worker: both see this listener", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  t.after(() => server.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  for (const netns of isRoot ? [null, String(process.pid)] : [null]) {
    await using scanner = openScanner({ netns, thread: "auto" });
    const { listeners, takenAt } = await scanner.scan({ ...EVERYTHING, ports: [port] }, 42);
    assert.equal(takenAt, 42);
    assert.deepEqual(
      listeners.map(({ processes }) => processes.map(({ pid }) => pid)),
      [[process.pid]],
    );
  }
});

test("scans that are asked for at once are answered in their order", async (t) => {
  if (!isRoot) return t.skip("entering a namespace takes root");
  await using scanner = openScanner({ netns: String(process.pid), thread: "auto" });
  const all = await Promise.all([1, 2, 3].map((nowMs) => scanner.scan(EVERYTHING, nowMs)));
  assert.deepEqual(
    all.map(({ takenAt }) => takenAt),
    [1, 2, 3],
  );
});

for (const [netns, code] of [
  ["no-such-namespace", "unknown"],
  ["4194999", "unknown"],
  ["../proc/1/ns/net", "unknown"],
  ["..", "unknown"],
] as const) {
  test(`the namespace "${netns}" is refused as ${code}, at every scan`, async () => {
    await using scanner = openScanner({ netns, thread: "auto" });
    for (let i = 0; i < 2; i++) {
      await assert.rejects(
        scanner.scan(EVERYTHING, 0),
        (error) => error instanceof ScanError && error.code === code,
      );
    }
  });
}

test("a scanner that was closed while it scanned rejects, and does not hang", async () => {
  const scanner = openScanner({ netns: "no-such-namespace", thread: "auto" });
  const scan = assert.rejects(scanner.scan(EVERYTHING, 0), ScanError);
  await scanner[Symbol.asyncDispose]();
  await scan;
});
