// The parts common to all routes, in the form that /openapi.json is made of.

import type { z } from "@hono/zod-openapi";
import type { ErrorDocument } from "./contract.ts";
import { ErrorSchema } from "./documents.ts";

// These are aliases, no interfaces: the library takes any status code for a key, which only an alias can be.
export type JsonContent<S extends z.ZodType> = { content: { "application/json": { schema: S } } };

export type RouteAnswers<S extends z.ZodType> = {
  200: JsonContent<S> & { description: string };
  default: JsonContent<z.ZodType<ErrorDocument>> & { description: string };
};

/** A request's body: always needed, always JSON. */
export function body<S extends z.ZodType>(schema: S): JsonContent<S> & { required: true } {
  return { ...json(schema), required: true };
}

export function routeAnswers<S extends z.ZodType>(description: string, schema: S): RouteAnswers<S> {
  const wrong = "What is wrong with the request, or why it came to nothing";
  return { 200: { description, ...json(schema) }, default: { description: wrong, ...json(ErrorSchema) } };
}

function json<S extends z.ZodType>(schema: S): JsonContent<S> {
  return { content: { "application/json": { schema } } };
}
