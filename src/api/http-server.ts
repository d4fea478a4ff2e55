// An HTTP server with bounds: it cuts slow and endless requests, closes idle connections, and refuses connections
// beyond the most. Bytes that are no HTTP get an error document, too.

import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { getRequestListener } from "@hono/node-server";
import type { Env, Hono } from "hono";
import { reasonOf } from "../model/index.ts";
import { errorDocument } from "./complaints.ts";

export interface ServerLimits {
  readonly connectionsMax: number;
  /** For the whole head of a request, and for the whole request. */
  readonly headersMs: number;
  readonly requestMs: number;
  /** The longest silence both ways. The live stream has a heartbeat, so this cuts only readers that do not read. */
  readonly idleMs: number;
}

export const HTTP_LIMITS: ServerLimits = {
  connectionsMax: 128,
  headersMs: 10_000,
  requestMs: 30_000,
  idleMs: 60_000,
};

const KEEP_ALIVE_MS = 5000;
/** Node finds a slow request at most this long after its limit. */
const CHECK_EVERY_MS = 1000;

/** Not yet listening. */
export function createBoundedServer<E extends Env>(app: Hono<E>, limits: ServerLimits): Server {
  const options = {
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, limits.headersMs),
  };
  const listener = getRequestListener(app.fetch as Parameters<typeof getRequestListener>[0], {
    hostname: "localhost",
    errorHandler: (error) => malformed(reasonOf(error)),
  });
  const server = createServer(options, (request: IncomingMessage, response: ServerResponse) => {
    void listener(request, response);
  });
  server.maxConnections = limits.connectionsMax;
  server.timeout = limits.idleMs;
  server.on("clientError", refuseGarbage);
  return server;
}

/** Cuts every connection, so that ending never waits for a client. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

function malformed(message: string): Response {
  return Response.json(errorDocument({ code: "invalid", message, accepted: "an HTTP/1.1 request" }), {
    status: 400,
  });
}

/** Node has parsed nothing that could be answered, so the answer is written by hand. */
function refuseGarbage(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const late = error.code === "ERR_HTTP_REQUEST_TIMEOUT";
  const message = late ? "the request took too long to arrive" : "this is no HTTP request";
  const text = JSON.stringify(errorDocument({ code: "invalid", message, accepted: "an HTTP/1.1 request" }));
  const head = `HTTP/1.1 ${late ? "408 Request Timeout" : "400 Bad Request"}\r\nconnection: close\r\ncontent-type: application/json\r\n`;
  socket.end(`${head}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}
