// The routes that read and change nothing.

import { createRoute } from "@hono/zod-openapi";
import type { Api } from "./api-types.ts";
import { AllowlistSchema, BansSchema, CensusSchema, ExplainSchema, StatusSchema } from "./documents.ts";
import { CensusQuery, SourceParam } from "./requests.ts";
import { routeAnswers } from "./route-parts.ts";
import type { GuardService } from "./service.ts";

const status = createRoute({
  method: "get",
  path: "/v1/status",
  summary: "Mode, listeners, pressure, health",
  responses: routeAnswers("How the daemon and its listeners are", StatusSchema),
});

const census = createRoute({
  method: "get",
  path: "/v1/census",
  summary: "The largest sources of each listener",
  request: { query: CensusQuery },
  responses: routeAnswers("The last scan", CensusSchema),
});

const bans = createRoute({
  method: "get",
  path: "/v1/bans",
  summary: "What is banned and capped",
  responses: routeAnswers("Every ban in force", BansSchema),
});

const allowlist = createRoute({
  method: "get",
  path: "/v1/allowlist",
  summary: "Who is exempt or has another limit, and why",
  responses: routeAnswers("Every entry", AllowlistSchema),
});

const explain = createRoute({
  method: "get",
  path: "/v1/explain/{source}",
  summary: "What is known of a source, and what the rules say",
  description: "A network's slash is written %2F.",
  request: { params: SourceParam },
  responses: routeAnswers("What is known", ExplainSchema),
});

export function answerReads(app: Api, service: GuardService): void {
  app.openapi(status, (c) => c.json(service.status(), 200));
  app.openapi(census, async (c) => c.json(await service.census(c.req.valid("query").top), 200));
  app.openapi(bans, async (c) => c.json(await service.bans(), 200));
  app.openapi(allowlist, async (c) => c.json(await service.allowlist(), 200));
  app.openapi(explain, async (c) => c.json(await service.explain(c.req.valid("param").source), 200));
}
