// The types that routes build on: the application, and the log they write.

import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Env } from "hono";

export type Api = OpenAPIHono<Env>;

/** The log of requests and failures; pino fits. */
export interface ApiLog {
  info(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
