// The log: a line an event, with fields where a program reads it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { apiLog, type LogFormat, openLog } from "./log.ts";

function written(format: LogFormat): { readonly lines: string[]; readonly log: ReturnType<typeof openLog> } {
  const lines: string[] = [];
  return { lines, log: openLog(format, { write: (text) => lines.push(...text.trimEnd().split("\n")) }) };
}

test("as JSON a line has every field that the API gives", () => {
  const { lines, log } = written("json");
  const fields = { operation: "ban", uid: 0, pid: 7, changed: 1, failed: 0, sources: ["192.0.2.1"] };
  apiLog(log).info(fields, "ban asked for by uid 0, pid 7");
  const { level, name, msg, time, ...rest } = JSON.parse(lines[0]!);
  assert.deepEqual([level, name, msg], ["info", "sockwarden", "ban asked for by uid 0, pid 7"]);
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
  assert.deepEqual(rest, fields);
});

test("as JSON a failure has its stack, and what was asked for", () => {
  const { lines, log } = written("json");
  apiLog(log).error(
    { method: "GET", path: "/metrics", error: "Error: x\n    at y" },
    "GET /metrics failed: x",
  );
  const { level, method, path, error } = JSON.parse(lines[0]!);
  assert.deepEqual([level, method, path, error], ["error", "GET", "/metrics", "Error: x\n    at y"]);
});

test("as text a failure is followed by where it comes from, and nothing steers a terminal", () => {
  const { lines, log } = written("text");
  apiLog(log).error({ error: "Error: x\u001b[2J\n    at y" }, "GET /metrics failed: x");
  assert.match(lines[0]!, /^[\d:.]{12} error {3}GET \/metrics failed: x$/);
  assert.deepEqual(lines.slice(1), ["    Error: x?[2J", "    at y"]);
});

test("as text other fields say no more than the line", () => {
  const { lines, log } = written("text");
  apiLog(log).info({ operation: "ban", uid: 0 }, "ban asked for by uid 0, pid 7");
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /^[\d:.]{12} {9}ban asked for by uid 0, pid 7$/);
});
