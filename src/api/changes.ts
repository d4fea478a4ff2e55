// The routes that change something. The log has each request with its caller and its outcome.

import { createRoute } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { Api, ApiLog } from "./api-types.ts";
import { callerOf } from "./callers.ts";
import type { DoneDocument } from "./contract.ts";
import { CheckSchema, DoneSchema } from "./documents.ts";
import { AllowSchema, BanSchema, EvictSchema, SourceParam, UnbanSchema } from "./requests.ts";
import { body, routeAnswers } from "./route-parts.ts";
import type { ApiService, Caller } from "./service.ts";

/** A log line names at most this many sources; the ledger has all. */
const LOGGED_SOURCES = 10;

interface Summary {
  readonly changed: number;
  readonly failed: number;
  readonly sources: readonly string[];
}

const done = routeAnswers("What was done for each source", DoneSchema);

const ban = createRoute({
  method: "post",
  path: "/v1/bans",
  summary: "Ban sources",
  request: { body: body(BanSchema) },
  responses: done,
});

const unban = createRoute({
  method: "delete",
  path: "/v1/bans",
  summary: "Lift the bans of sources, or all",
  request: { body: body(UnbanSchema) },
  responses: done,
});

const allow = createRoute({
  method: "post",
  path: "/v1/allowlist",
  summary: "Exempt a source, or give it another limit",
  request: { body: body(AllowSchema) },
  responses: done,
});

const disallow = createRoute({
  method: "delete",
  path: "/v1/allowlist/{source}",
  summary: "Take an entry of the operator away",
  description: "A network's slash is written %2F.",
  request: { params: SourceParam },
  responses: done,
});

const evict = createRoute({
  method: "post",
  path: "/v1/evict",
  summary: "Destroy what a source holds now",
  request: { body: body(EvictSchema) },
  responses: done,
});

const reload = createRoute({
  method: "post",
  path: "/v1/reload",
  summary: "Read the configuration anew",
  responses: routeAnswers("Whether it is in force now, and if not, its errors", CheckSchema),
});

export function answerChanges(app: Api, service: ApiService, log: ApiLog): void {
  /** Makes the change and logs it. */
  async function act(
    c: Context,
    operation: string,
    work: (caller: Caller) => Promise<DoneDocument>,
  ): Promise<DoneDocument> {
    const caller = callerBehind(c);
    const result = await work(caller);
    const summary = changesIn(result);
    const { changed, failed, sources } = summary;
    const text = `${operation} asked for by ${callerWords(caller)}: ${changed} changed, ${failed} failed (${sources.join(", ")})`;
    log.info({ operation, ...caller, ...summary }, text);
    return result;
  }
  app.openapi(ban, async (c) => {
    const order = c.req.valid("json");
    return c.json(await act(c, "ban", (caller) => service.ban(order, caller)), 200);
  });
  app.openapi(unban, async (c) => {
    const order = c.req.valid("json");
    return c.json(await act(c, "unban", (caller) => service.unban(order, caller)), 200);
  });
  app.openapi(allow, async (c) => {
    const order = c.req.valid("json");
    return c.json(await act(c, "allow", (caller) => service.allow(order, caller)), 200);
  });
  app.openapi(disallow, async (c) => {
    const { source } = c.req.valid("param");
    return c.json(await act(c, "disallow", (caller) => service.disallow(source, caller)), 200);
  });
  app.openapi(evict, async (c) => {
    const order = c.req.valid("json");
    return c.json(await act(c, "evict", (caller) => service.evict(order, caller)), 200);
  });
  app.openapi(reload, async (c) => {
    const caller = callerBehind(c);
    const { schema, ok, errors } = await service.reload(caller);
    const end = ok ? "in force" : `refused for ${errors.length} ${errors.length === 1 ? "error" : "errors"}`;
    const text = `reload asked for by ${callerWords(caller)}: ${end}`;
    log.info({ operation: "reload", ...caller, ok, errors: errors.length }, text);
    return c.json({ schema, ok, errors }, 200);
  });
}

function callerBehind(c: Context): Caller {
  return callerOf(c.env?.incoming?.socket);
}

function callerWords({ uid, pid }: Caller): string {
  return uid === null ? "a holder of the token" : `uid ${uid}, pid ${pid ?? "unknown"}`;
}

function changesIn({ done: all, failed }: DoneDocument): Summary {
  const sources = [...all, ...failed].slice(0, LOGGED_SOURCES).map(({ source }) => source);
  return { changed: all.filter(({ changed }) => changed).length, failed: failed.length, sources };
}
