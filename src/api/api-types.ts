// What the routes are given: the application that they are put into, and the log.

import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Env } from "hono";

export type Api = OpenAPIHono<Env>;

/** Where the API writes what it was asked for and what went wrong; pino fits. */
export interface ApiLog {
  info(fields: object, text: string): void;
  error(fields: object, text: string): void;
}
