// The API over TCP, for callers on other machines and those who cannot open the unix socket. Every request needs the
// token, except the one that asks whether the daemon lives.

import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type Context, type Env, Hono } from "hono";
import { reasonOf } from "../model/index.ts";
import { complain } from "./complaints.ts";
import { ApiError } from "./errors.ts";
import { closeServer, createBoundedServer, HTTP_LIMITS, type ServerLimits } from "./http-server.ts";
import { readToken, sameToken } from "./token.ts";

export interface TcpOptions {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly tokenFile: string;
  readonly limits?: Partial<ServerLimits>;
}

export interface TcpApi extends AsyncDisposable {
  readonly port: number;
}

/** Throws ApiError where the address is taken or the token file is refused. */
export async function serveTcp<E extends Env>(
  app: Hono<E>,
  { host, port, tokenFile, limits }: TcpOptions,
): Promise<TcpApi> {
  const behindToken = requireToken(app, readToken(tokenFile));
  const server = createBoundedServer(behindToken, { ...HTTP_LIMITS, ...limits });
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, "listening");
  } catch (error) {
    const where = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    throw new ApiError("listen", "listen", `cannot listen on ${where}: ${reasonOf(error)}`, error);
  }
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => closeServer(server),
  };
}

function requireToken<E extends Env>(app: Hono<E>, token: string): Hono {
  const behindToken = new Hono();
  behindToken.use(async (c, next) => {
    if (c.req.path === "/healthz" || hasToken(c, token)) return next();
    c.header("www-authenticate", 'Bearer realm="sockwarden"');
    return complain(c, {
      code: "unauthorized",
      message: "this needs the daemon's token",
      accepted: "authorization: Bearer TOKEN, with the first line of the token file",
    });
  });
  behindToken.mount("/", app.fetch as never, { replaceRequest: false });
  return behindToken;
}

function hasToken(c: Context, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "");
  return given !== null && sameToken(given[1]!, token);
}
