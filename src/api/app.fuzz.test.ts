// A thousand calls that mean nothing: each gets an error document with a status of 4xx, and none reaches the service.
// Way: random bytes, wrong types, wrong fields, huge lists, and the syntax of nft and shells in sources and names.

import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { parseNetwork } from "../model/index.ts";
import { createApi } from "./app.ts";
import { serveUnix } from "./serve-unix.ts";
import { memoryService } from "./testing/service.ts";
import { ask, askRaw, folderFor, notedLog } from "./testing/talk.ts";

const RUNS = 250;

const ROUTES = [
  ["POST", "/v1/bans"],
  ["DELETE", "/v1/bans"],
  ["POST", "/v1/allowlist"],
  ["POST", "/v1/evict"],
] as const;

const INJECTIONS = [
  "192.0.2.1; flush ruleset",
  "192.0.2.1 } ; add rule inet filter input drop",
  "$(reboot)",
  "`id`",
  "192.0.2.1\nflush ruleset",
  "192.0.2.1\0",
  "@ban4",
  "{ 192.0.2.1, 192.0.2.2 }",
  "192.0.2.1-192.0.2.9",
  "192.0.2.1/33",
  "192.0.2.1/-1",
  "0300.0.2.1",
  "192.0.2",
  "2001:db8::1%lo",
  "' OR 1=1 --",
  "../../etc/passwd",
  "\u001b[2J",
  "１９２.0.2.1",
];

const badSource = fc.oneof(
  fc.constantFrom(...INJECTIONS),
  fc.string({ unit: "binary" }).filter((text) => parseNetwork(text) === null),
  fc.string({ minLength: 65, maxLength: 5000 }),
  fc.oneof(fc.integer(), fc.constant(null), fc.object(), fc.array(fc.string())),
);

const badLine = fc.oneof(
  fc.constantFrom("a\nb", "a\0b", "\u001b[31m", "a\u202eb", "\ud800", "x".repeat(201), "", "\u0085"),
  fc.oneof(fc.integer(), fc.constant(null), fc.object(), fc.array(fc.string())),
);

const good = { sources: ["192.0.2.1"], source: "192.0.2.1" };

/** A good request of each route, made bad in one way. */
function spoil(target: string, [way, source, text]: readonly [string, unknown, unknown]): unknown {
  const one = target === "/v1/bans" ? { sources: good.sources } : { source: good.source };
  if (way === "source") return target === "/v1/bans" ? { sources: [good.source, source] } : { source };
  if (way === "field") return { ...one, "reason ": text, forced: true };
  if (way === "line") return { ...one, reason: text, listener: text };
  return source;
}

test(`${4 * RUNS} malformed calls get error documents, and none reaches the service`, async (t) => {
  const service = memoryService();
  const log = notedLog();
  const socketPath = path.join(folderFor(t), "s");
  const server = await serveUnix(createApi(service, { log }), { path: socketPath });
  t.after(() => server[Symbol.asyncDispose]());
  const statuses = new Map<number, number>();

  const refused = (status: number, text: string): void => {
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    assert.ok(status >= 400 && status < 500, `${status}: ${text.slice(0, 300)}`);
    const { schema, error } = JSON.parse(text);
    assert.equal(schema, 1);
    assert.deepEqual(Object.keys(error), ["code", "field", "message", "accepted"]);
    assert.ok(text.length < 2000, "what was given is not given back");
    // No input makes the message command a terminal.
    assert.doesNotMatch(error.message, /[\u0000-\u001f\u007f-\u009f]/);
    assert.deepEqual(service.calls, []);
  };

  const way = fc.constantFrom("source", "field", "line", "body");
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ROUTES),
      fc.tuple(way, badSource, badLine),
      async (route, spoiling) => {
        const [method, target] = route;
        const answer = await ask({ socketPath }, method, target, { json: spoil(target, spoiling) ?? null });
        refused(answer.status, answer.text);
      },
    ),
    { numRuns: RUNS },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...ROUTES),
      fc.uint8Array({ maxLength: 3000 }),
      async ([method, target], body) => {
        const answer = await ask({ socketPath }, method, target, { body });
        refused(answer.status, answer.text);
      },
    ),
    { numRuns: RUNS },
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(["GET", "/v1/explain/"], ["DELETE", "/v1/allowlist/"]),
      fc.oneof(fc.constantFrom(...INJECTIONS), fc.string({ unit: "binary", minLength: 1 })),
      async ([method, target], source) => {
        if (parseNetwork(source) !== null) return;
        const answer = await ask({ socketPath }, method!, target + encodeURIComponent(source.toWellFormed()));
        refused(answer.status, answer.text);
      },
    ),
    { numRuns: RUNS },
  );
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 300 }), async (bytes) => {
      // The bytes are no request; the empty line behind them ends the server's wait for one.
      const answer = await askRaw(socketPath, Buffer.concat([bytes, Buffer.from(" \0\r\n\r\n")]));
      const [head = "", body = ""] = answer.split("\r\n\r\n");
      refused(Number(head.split(" ")[1]), body);
    }),
    { numRuns: RUNS },
  );
  t.diagnostic([...statuses].map(([status, n]) => `${n} x ${status}`).join(", "));
  assert.deepEqual(log.lines, []);
});
