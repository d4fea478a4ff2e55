// The application: parses each request at this edge, hands it to the service with its caller, and answers with
// documents of the contract. It knows nothing of sockets and files; serve-unix.ts and serve-tcp.ts put it on the air.

import { type Hook, OpenAPIHono, type z } from "@hono/zod-openapi";
import type { Context, Env } from "hono";
import { bodyLimit } from "hono/body-limit";
import { reasonOf } from "../model/index.ts";
import type { Api, ApiLog } from "./api-types.ts";
import { answerChanges } from "./changes.ts";
import { complain, complaintOf, complaintOfError, type ZodIssue } from "./complaints.ts";
import { eventStream } from "./event-stream.ts";
import { answerReads } from "./reads.ts";
import type { ApiService } from "./service.ts";

export const REQUEST_BYTES_MAX: number = 4 * 2 ** 20;
export const STREAMS_MAX = 64;

export interface ApiOptions {
  readonly log: ApiLog;
  readonly heartbeatMs?: number;
}

export function createApi(service: ApiService, { log, heartbeatMs }: ApiOptions): Api {
  const app: Api = new OpenAPIHono({ defaultHook: refuseInvalid });
  refuseWrong(app, log);
  answerReads(app, service);
  answerChanges(app, service, log);
  serveStream(app, service, heartbeatMs);
  serveOperations(app, service);
  return app;
}

/** Answers requests that no handler should see, and errors that handlers throw. */
function refuseWrong(app: Api, log: ApiLog): void {
  app.use(async (c, next) => {
    await next();
    c.header("cache-control", "no-store");
    c.header("x-content-type-options", "nosniff");
  });
  const onError = (c: Context): Response =>
    complain(c, {
      code: "too-large",
      message: "the request's body is too large",
      accepted: `${REQUEST_BYTES_MAX} bytes`,
    });
  app.use(bodyLimit({ maxSize: REQUEST_BYTES_MAX, onError }));
  app.use(requireJson);
  app.notFound((c) =>
    complain(c, { code: "not-found", message: "there is nothing here", accepted: "see /openapi.json" }),
  );
  app.onError((error, c) => {
    const complaint = complaintOfError(error);
    if (complaint !== null) return complain(c, complaint);
    const { method, path } = c.req;
    const fields = { method, path, error: error.stack ?? reasonOf(error) };
    log.error(fields, `${method} ${path} failed: ${reasonOf(error)}`);
    return complain(c, {
      code: "internal",
      message: "the daemon failed at this request; its log says how",
    });
  });
}

/** A body of another type would be taken for an empty one. */
async function requireJson(c: Context, next: () => Promise<void>): Promise<Response | undefined> {
  const type = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  const hasBody =
    c.req.header("content-length") !== undefined || c.req.header("transfer-encoding") !== undefined;
  if (hasBody && c.req.header("content-length") !== "0" && type !== "application/json")
    return complain(c, {
      code: "invalid",
      message: "the request's body is of another type",
      accepted: "content-type: application/json",
    });
  await next();
  return undefined;
}

const refuseInvalid: Hook<unknown, Env, string, unknown> = (result, c) =>
  result.success
    ? undefined
    : complain(c, complaintOf((result.error as z.ZodError).issues as readonly ZodIssue[], result.target));

function serveStream(app: Api, service: ApiService, heartbeatMs: number | undefined): void {
  let streams = 0;
  app.get("/v1/stream", (c) => {
    if (streams >= STREAMS_MAX)
      return complain(c, {
        code: "unavailable",
        message: `${STREAMS_MAX} readers follow the stream already`,
      });
    streams++;
    const onEnd = (): void => void streams--;
    const stream = eventStream(service, heartbeatMs === undefined ? { onEnd } : { heartbeatMs, onEnd });
    return c.body(stream, 200, { "content-type": "text/event-stream; charset=utf-8" });
  });
}

/** The routes for programs that watch over machines. */
function serveOperations(app: Api, service: ApiService): void {
  app.get("/metrics", async (c) =>
    c.body(await service.metrics(), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }),
  );
  // It tells only whether the daemon lives, so it needs no token.
  app.get("/healthz", (c) => c.json({ schema: 1, ok: true }));
  app.doc31("/openapi.json", () => ({
    openapi: "3.1.0",
    info: { title: "Sockwarden", version: service.status().version },
  }));
}
