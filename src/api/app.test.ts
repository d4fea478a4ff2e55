// The API as its clients meet it, over a real unix socket; behind it a service in memory that notes what reaches it.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { type TestContext, test } from "node:test";
import { createApi } from "./app.ts";
import { serveUnix } from "./serve-unix.ts";
import { type MemoryService, memoryService } from "./testing/service.ts";
import { type Answer, type Ask, ask, askRaw, folderFor, type NotedLog, notedLog } from "./testing/talk.ts";

interface Served {
  readonly service: MemoryService;
  readonly log: NotedLog;
  readonly socketPath: string;
  ask(method: string, target: string, given?: Ask): Promise<Answer>;
}

async function served(t: TestContext): Promise<Served> {
  const service = memoryService();
  const log = notedLog();
  const socketPath = path.join(folderFor(t), "s");
  const server = await serveUnix(createApi(service, { log }), { path: socketPath });
  t.after(() => server[Symbol.asyncDispose]());
  return { service, log, socketPath, ask: (...request) => ask({ socketPath }, ...request) };
}

test("every read answers with its document", async (t) => {
  const { ask, service } = await served(t);
  for (const [target, operation] of [
    ["/v1/status", "status"],
    ["/v1/census?top=5", "census"],
    ["/v1/bans", "bans"],
    ["/v1/allowlist", "allowlist"],
    ["/v1/explain/192.0.2.1", "explain"],
  ] as const) {
    const { status, type, text, headers } = await ask("GET", target);
    assert.equal(status, 200, text);
    assert.equal(type, "application/json");
    assert.equal(JSON.parse(text).schema, 1);
    assert.equal(headers["cache-control"], "no-store");
    assert.equal(service.calls.at(-1)?.operation, operation);
  }
});

test("a ban reaches the service in canonical form, with the caller of the socket's other end", async (t) => {
  const { ask, service, log } = await served(t);
  const sources = ["192.0.2.1", "::ffff:192.0.2.1", "2001:DB8:0::1", "198.51.100.7/24"];
  const { status, text } = await ask("POST", "/v1/bans", {
    json: { sources, for: "1h30m", reason: "it's ours; `rm -rf`", listener: "sip" },
  });
  assert.equal(status, 200, text);
  assert.deepEqual(service.calls, [
    {
      operation: "ban",
      request: {
        sources: ["192.0.2.1", "2001:db8::1", "198.51.100.0/24"],
        for: "1h30m",
        reason: "it's ours; `rm -rf`",
        listener: "sip",
      },
      caller: { uid: process.getuid!(), pid: process.pid },
    },
  ]);
  assert.deepEqual(log.lines[0], {
    fields: {
      operation: "ban",
      uid: process.getuid!(),
      pid: process.pid,
      changed: 3,
      failed: 0,
      sources: ["192.0.2.1", "2001:db8::1", "198.51.100.0/24"],
    },
    text: `ban asked for by uid ${process.getuid!()}, pid ${process.pid}: 3 changed, 0 failed (192.0.2.1, 2001:db8::1, 198.51.100.0/24)`,
  });
});

test("a ban that fails for one source is done for the others", async (t) => {
  const { ask } = await served(t);
  const { text } = await ask("POST", "/v1/bans", { json: { sources: ["192.0.2.1", "192.0.2.66"] } });
  const { done, failed } = JSON.parse(text);
  assert.deepEqual([done.length, failed.length, failed[0].source], [1, 1, "192.0.2.66"]);
});

test("bans are lifted by name and all at once", async (t) => {
  const { ask, service } = await served(t);
  await ask("POST", "/v1/bans", { json: { sources: ["192.0.2.1", "192.0.2.2", "192.0.2.3"] } });
  await ask("DELETE", "/v1/bans", { json: { sources: ["192.0.2.1"] } });
  assert.deepEqual([...service.banned.keys()], ["192.0.2.2", "192.0.2.3"]);
  const { text } = await ask("DELETE", "/v1/bans", { json: { sources: "all" } });
  assert.equal(JSON.parse(text).done.length, 2);
  assert.equal(service.banned.size, 0);
});

test("an allow entry comes and goes, its slash percent-encoded in the path", async (t) => {
  const { ask } = await served(t);
  const entry = { source: "192.0.2.0/24", connectionsPerSource: 500, reason: "carrier trunk" };
  assert.equal((await ask("POST", "/v1/allowlist", { json: entry })).status, 200);
  const { allow } = JSON.parse((await ask("GET", "/v1/allowlist")).text);
  assert.deepEqual(allow[1].source, "192.0.2.0/24");
  const gone = await ask("DELETE", "/v1/allowlist/192.0.2.0%2F24");
  assert.deepEqual(JSON.parse(gone.text).done, [{ source: "192.0.2.0/24", changed: true }]);
  const explained = await ask("GET", "/v1/explain/2001:db8::%2F48");
  assert.equal(JSON.parse(explained.text).source, "2001:db8::/48");
});

test("a refusal of the service keeps its status and its words", async (t) => {
  const { ask } = await served(t);
  const unknown = await ask("POST", "/v1/bans", { json: { sources: ["192.0.2.1"], listener: "smtp" } });
  assert.equal(unknown.status, 404);
  assert.deepEqual(JSON.parse(unknown.text), {
    schema: 1,
    error: {
      code: "not-found",
      field: "listener",
      message: "there is no listener smtp",
      accepted: "sip",
    },
  });
  const refused = await ask("DELETE", "/v1/allowlist/127.0.0.0%2F8");
  assert.equal(refused.status, 403);
  assert.match(JSON.parse(refused.text).error.message, /protected/);
});

test("a failure of the daemon is logged whole and told to nobody", async (t) => {
  const { ask, service, log } = await served(t);
  service.broken = new Error("secret of the inside");
  const { status, text } = await ask("GET", "/metrics");
  assert.equal(status, 500);
  assert.doesNotMatch(text, /secret/);
  assert.match(JSON.stringify(log.lines), /secret of the inside/);
});

test("metrics are Prometheus text, and healthz is there for everybody", async (t) => {
  const { ask } = await served(t);
  const metrics = await ask("GET", "/metrics");
  assert.match(metrics.type, /^text\/plain; version=0\.0\.4/);
  assert.match(metrics.text, /^sockwarden_bans 0$/m);
  assert.deepEqual(JSON.parse((await ask("GET", "/healthz")).text), { schema: 1, ok: true });
});

test("openapi.json describes every route of the contract, and what each body may say", async (t) => {
  const { ask } = await served(t);
  const { paths, components, openapi } = JSON.parse((await ask("GET", "/openapi.json")).text);
  assert.match(openapi, /^3\.1/);
  const routes = Object.entries(paths as Record<string, object>).flatMap(([name, methods]) =>
    Object.keys(methods).map((method) => `${method} ${name}`),
  );
  assert.deepEqual(routes.sort(), [
    "delete /v1/allowlist/{source}",
    "delete /v1/bans",
    "get /v1/allowlist",
    "get /v1/bans",
    "get /v1/census",
    "get /v1/explain/{source}",
    "get /v1/status",
    "post /v1/allowlist",
    "post /v1/bans",
    "post /v1/evict",
    "post /v1/reload",
  ]);
  const docs = readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8");
  for (const route of routes) {
    const [method, name] = route.split(" ");
    const line = `\`${method!.toUpperCase()} ${name!.replace("{source}", "SOURCE")}`;
    assert.ok(docs.includes(line), `docs/api.md has ${line}`);
  }
  assert.equal(components.schemas.BanRequest.additionalProperties, false);
  assert.deepEqual(components.schemas.BanRequest.required, ["sources"]);
});

for (const [why, method, target, given, status, field, words] of [
  ["no source", "POST", "/v1/bans", { json: { sources: [] } }, 400, "sources", /expected array/],
  ["a name", "POST", "/v1/bans", { json: { sources: ["192.0.2.1", "x"] } }, 400, "sources[1]", /no address/],
  ["a zone", "POST", "/v1/bans", { json: { sources: ["fe80::1%eth0"] } }, 400, "sources[0]", /no address/],
  ["a number", "POST", "/v1/evict", { json: { source: 1 } }, 400, "source", /expected string/],
  ["a null", "POST", "/v1/evict", { json: null }, 400, null, /json/],
  ["some", "DELETE", "/v1/bans", { json: { sources: "some" } }, 400, "sources", /expected/],
  ["a bad one to lift", "DELETE", "/v1/bans", { json: { sources: ["x"] } }, 400, "sources[0]", /no address/],
  ["an unknown field", "POST", "/v1/evict", { json: { source: "::1", force: 1 } }, 400, "force", /no field/],
  ["seconds", "POST", "/v1/bans", { json: { sources: ["::1"], for: "60" } }, 400, "for", /no duration/],
  ["ten years", "POST", "/v1/bans", { json: { sources: ["::1"], for: "3650d" } }, 400, "for", /no duration/],
  [
    "a line break",
    "POST",
    "/v1/allowlist",
    { json: { source: "::1", reason: "a\nb" } },
    400,
    "reason",
    /control/,
  ],
  [
    "a long reason",
    "POST",
    "/v1/allowlist",
    { json: { source: "::1", reason: "a".repeat(201) } },
    400,
    "reason",
    /200/,
  ],
  [
    "limit 0",
    "POST",
    "/v1/allowlist",
    { json: { source: "::1", connectionsPerSource: 0 } },
    400,
    "connectionsPerSource",
    /1/,
  ],
  [
    "half a limit",
    "POST",
    "/v1/allowlist",
    { json: { source: "::1", connectionsPerSource: 1.5 } },
    400,
    "connectionsPerSource",
    /int/,
  ],
  ["no JSON", "POST", "/v1/bans", { body: "sources=1" }, 400, null, /JSON/],
  [
    "a form",
    "POST",
    "/v1/bans",
    { body: "a=1", headers: { "content-type": "application/x-www-form-urlencoded" } },
    400,
    null,
    /another type/,
  ],
  ["no body", "POST", "/v1/bans", {}, 400, "sources", /expected/],
  ["top 0", "GET", "/v1/census?top=0", {}, 400, "top", /no whole number/],
  ["top all", "GET", "/v1/census?top=all", {}, 400, "top", /no whole number/],
  ["an unknown query", "GET", "/v1/census?tops=1", {}, 400, "tops", /no field/],
  ["a host name", "GET", "/v1/explain/localhost", {}, 400, "source", /no address/],
  ["another path", "GET", "/v1/../etc/passwd", {}, 404, null, /nothing here/],
  ["another method", "PUT", "/v1/bans", { json: {} }, 404, null, /nothing here/],
] as const) {
  test(`${why} is refused: ${method} ${target} says what is wrong and changes nothing`, async (t) => {
    const { ask, service } = await served(t);
    const answer = await ask(method, target, given as Ask);
    assert.equal(answer.status, status, answer.text);
    const { schema, error } = JSON.parse(answer.text);
    assert.equal(schema, 1);
    assert.equal(error.field, field);
    assert.match(error.message, words);
    assert.deepEqual(service.calls, []);
  });
}

test("50 000 sources are taken in one request, one more is not, and more than 4 MiB is nothing", async (t) => {
  const { ask, service } = await served(t);
  const sources = Array.from({ length: 50_001 }, (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  const many = await ask("POST", "/v1/bans", { json: { sources } });
  assert.equal(many.status, 400);
  assert.match(JSON.parse(many.text).error.accepted, /50000/);
  const large = await ask("POST", "/v1/bans", { json: { sources: ["::1"], reason: "x".repeat(2 ** 22) } });
  assert.equal(large.status, 413);
  assert.equal(JSON.parse(large.text).error.code, "too-large");
  assert.deepEqual(service.calls, []);
  assert.equal((await ask("POST", "/v1/bans", { json: { sources: sources.slice(1) } })).status, 200);
  assert.equal(service.banned.size, 50_000);
});

test("bytes that are no HTTP get an error document, too", async (t) => {
  const { socketPath, service } = await served(t);
  for (const bytes of [
    "GIVE /\r\n\r\n",
    "\0\0\0\0\0\0",
    "GET / HTTP/9.9\r\n\r\n",
    "GET /\\x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
  ]) {
    const answer = await askRaw(socketPath, bytes);
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.equal(JSON.parse(answer.split("\r\n\r\n")[1]!).error.code, "invalid", answer);
  }
  assert.deepEqual(service.calls, []);
});
