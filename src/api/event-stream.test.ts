// The live stream: the events that readers get, their order, and the fate of readers that do not read or go away.

import assert from "node:assert/strict";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { createApi, STREAMS_MAX } from "./app.ts";
import type { EventDocument } from "./contract.ts";
import { QUEUE_EVENTS_MAX, StreamQueue } from "./event-stream.ts";
import { serveUnix } from "./serve-unix.ts";
import { type MemoryService, memoryService, NOW } from "./testing/service.ts";
import { folderFor, notedLog } from "./testing/talk.ts";

const event = (text: string): EventDocument => ({ at: NOW, event: "pressure", text });

async function served(
  t: TestContext,
  heartbeatMs?: number,
): Promise<{ service: MemoryService; socketPath: string }> {
  const service = memoryService();
  const socketPath = path.join(folderFor(t), "s");
  const options = heartbeatMs === undefined ? {} : { heartbeatMs };
  const server = await serveUnix(createApi(service, { log: notedLog(), ...options }), { path: socketPath });
  t.after(() => server[Symbol.asyncDispose]());
  return { service, socketPath };
}

async function follow(t: TestContext, socketPath: string): Promise<IncomingMessage> {
  const sent = request({ socketPath, path: "/v1/stream", agent: false }).end();
  t.after(() => sent.destroy());
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  response.setEncoding("utf8").on("error", () => {});
  return response;
}

/** Reads until the text matches, 15 s at most. */
async function readUntil(response: IncomingMessage, pattern: RegExp): Promise<string> {
  let text = "";
  response.on("data", (part: string) => (text += part));
  await until(() => pattern.test(text));
  return text;
}

async function until(condition: () => boolean): Promise<void> {
  const endMs = performance.now() + 15_000;
  while (!condition()) {
    assert.ok(performance.now() < endMs, "did not become so in 15 s");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test("a reader gets each event once, in order, as server-sent events", async (t) => {
  const { service, socketPath } = await served(t);
  const response = await follow(t, socketPath);
  assert.match(String(response.headers["content-type"]), /^text\/event-stream/);
  await until(() => service.followers.size === 1);
  for (const text of ["one", "two\nlines", "three"]) for (const push of service.followers) push(event(text));
  const text = await readUntil(response, /three/);
  const events = text
    .split("\n\n")
    .filter((block) => block.startsWith("event: pressure\ndata: "))
    .map((block) => JSON.parse(block.slice("event: pressure\ndata: ".length)).text);
  assert.deepEqual(events, ["one", "two\nlines", "three"]);
});

test("a quiet stream has a heartbeat", async (t) => {
  const { socketPath } = await served(t, 20);
  const response = await follow(t, socketPath);
  await readUntil(response, /(: alive\n\n){4}/);
});

test("a reader that goes away is forgotten", async (t) => {
  const { service, socketPath } = await served(t);
  const readers = await Promise.all([follow(t, socketPath), follow(t, socketPath)]);
  await until(() => service.followers.size === 2);
  readers[0]!.destroy();
  await until(() => service.followers.size === 1);
  readers[1]!.destroy();
  await until(() => service.followers.size === 0);
});

test("more readers than there is room for are refused, until one goes", async (t) => {
  const { service, socketPath } = await served(t);
  const readers = [];
  for (let i = 0; i < STREAMS_MAX; i++) readers.push(await follow(t, socketPath));
  assert.equal((await follow(t, socketPath)).statusCode, 503);
  readers[0]!.destroy();
  await until(() => service.followers.size === STREAMS_MAX - 1);
  assert.equal((await follow(t, socketPath)).statusCode, 200);
});

test("a reader that does not read costs a bounded queue, and is told what it missed", async (t) => {
  const { service, socketPath } = await served(t);
  const response = await follow(t, socketPath);
  await until(() => service.followers.size === 1);
  const long = "x".repeat(2000);
  // In turns, so that the stream can take what its reader's buffers have room for.
  for (let i = 0; i < 20; i++) {
    for (let k = 0; k < 200; k++) for (const push of service.followers) push(event(`${i * 200 + k} ${long}`));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const text = await readUntil(response, /event: dropped\ndata: \{[^\n]*\}\n\n/);
  const events = text.split("\n\n").filter((block) => block.startsWith("event: pressure"));
  const dropped = Number(/"text":"(\d+) events were dropped/.exec(text)![1]);
  assert.equal(events.length + dropped, 4000);
  for (const push of service.followers) push(event("afterwards"));
  await readUntil(response, /afterwards/);
});

test("a full queue drops the newest, and its notice stands where they would have", async () => {
  const queue = new StreamQueue();
  for (let i = 0; i < QUEUE_EVENTS_MAX + 7; i++) queue.push(event(String(i)));
  for (let i = 0; i < QUEUE_EVENTS_MAX; i++) assert.equal((await queue.next(0))?.text, String(i));
  assert.match((await queue.next(0))!.text, /^7 events were dropped/);
  assert.equal(await queue.next(0), null);
  queue.push(event("next"));
  assert.equal((await queue.next(0))?.text, "next");
});

test("a waiting reader is woken by the event, and by the end", async () => {
  const queue = new StreamQueue();
  const next = queue.next(60_000);
  queue.push(event("now"));
  assert.equal((await next)?.text, "now");
  const never = queue.next(60_000);
  queue.close();
  assert.equal(await never, null);
});
