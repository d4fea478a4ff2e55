// The routes that read and change nothing.

import { createRoute, type z } from "@hono/zod-openapi";
import type { Api } from "./api-types.ts";
import type { ReadDocuments } from "./contract.ts";
import { CensusSchema, ExplainSchema, READS } from "./documents.ts";
import { CensusQuery, SourceParam } from "./requests.ts";
import { routeAnswers } from "./route-parts.ts";
import type { ApiService } from "./service.ts";

const census = createRoute({
  method: "get",
  path: "/v1/census",
  summary: "The largest sources of each listener",
  request: { query: CensusQuery },
  responses: routeAnswers("The last scan", CensusSchema),
});

const explain = createRoute({
  method: "get",
  path: "/v1/explain/{source}",
  summary: "What is known of a source, and what the rules say",
  description: "A network's slash is written %2F.",
  request: { params: SourceParam },
  responses: routeAnswers("What is known", ExplainSchema),
});

export function answerReads(app: Api, service: ApiService): void {
  for (const name of Object.keys(READS) as (keyof ReadDocuments)[]) answerByName(app, service, name);
  app.openapi(census, async (c) => c.json(await service.census(c.req.valid("query").top), 200));
  app.openapi(explain, async (c) => c.json(await service.explain(c.req.valid("param").source), 200));
}

function answerByName(app: Api, service: ApiService, name: keyof ReadDocuments): void {
  const { summary, answer, document } = READS[name];
  const responses = routeAnswers<z.ZodType<ReadDocuments[typeof name]>>(answer, document);
  const route = createRoute({ method: "get", path: `/v1/${name}`, summary, responses });
  app.openapi(route, async (c) => c.json(await service[name](), 200));
}
