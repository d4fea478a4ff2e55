// The client: a method for each thing that the daemon can do. It opens a connection for each request, and keeps none.

import type {
  AllowRequest,
  BanRequest,
  CensusDocument,
  CheckDocument,
  DoneDocument,
  EventDocument,
  EvictRequest,
  ExplainDocument,
  ReadDocuments,
  UnbanRequest,
} from "../api/index.ts";
import { ClientError } from "./errors.ts";
import { readEvents } from "./events.ts";
import { type ApiRequest, openAnswer, requestText, type Wire } from "./transport.ts";

/** A daemon under attack answers in milliseconds; 50 000 bans take it seconds. */
const TIMEOUT_MS = 30_000;

export interface ClientOptions {
  /** Path of the daemon's unix socket. */
  readonly socket: string;
  readonly timeoutMs?: number;
}

/** Every method throws ClientError. */
export interface Client {
  readonly socket: string;
  /** A document that is read by its name alone. */
  read<Name extends keyof ReadDocuments>(name: Name): Promise<ReadDocuments[Name]>;
  census(top: number): Promise<CensusDocument>;
  ban(request: BanRequest): Promise<DoneDocument>;
  unban(request: UnbanRequest): Promise<DoneDocument>;
  allow(request: AllowRequest): Promise<DoneDocument>;
  disallow(source: string): Promise<DoneDocument>;
  evict(request: EvictRequest): Promise<DoneDocument>;
  explain(source: string): Promise<ExplainDocument>;
  reload(): Promise<CheckDocument>;
  /** Prometheus text. */
  metrics(): Promise<string>;
  /** Events as they happen, until the loop is left, the signal aborts or the daemon ends (`no-daemon` or `protocol`). */
  follow(signal?: AbortSignal): AsyncGenerator<EventDocument, void, void>;
}

/** Connects to nothing yet. */
export function openClient({ socket, timeoutMs = TIMEOUT_MS }: ClientOptions): Client {
  const wire: Wire = { socket, timeoutMs };
  const get = <D>(operation: string, target: string): Promise<D> =>
    ask<D>(wire, { operation, method: "GET", target });
  const change = <D>(operation: string, target: string, body?: object): Promise<D> =>
    ask<D>(wire, { operation, method: "POST", target, ...(body === undefined ? {} : { body }) });
  return {
    socket,
    read: (name) => get(name, `/v1/${name}`),
    census: (top) => get("census", `/v1/census?top=${top}`),
    ban: (request) => change("ban", "/v1/bans", request),
    unban: (request) =>
      ask(wire, { operation: "unban", method: "DELETE", target: "/v1/bans", body: request }),
    allow: (request) => change("allow", "/v1/allowlist", request),
    disallow: (source) =>
      ask(wire, {
        operation: "disallow",
        method: "DELETE",
        target: `/v1/allowlist/${encodeURIComponent(source)}`,
      }),
    evict: (request) => change("evict", "/v1/evict", request),
    explain: (source) => get("explain", `/v1/explain/${encodeURIComponent(source)}`),
    reload: () => change("reload", "/v1/reload"),
    metrics: () => requestText(wire, { operation: "metrics", method: "GET", target: "/metrics" }),
    follow: (signal) => followEvents(wire, signal),
  };
}

async function* followEvents(wire: Wire, signal?: AbortSignal): AsyncGenerator<EventDocument, void, void> {
  const response = await openAnswer(wire, { operation: "follow", method: "GET", target: "/v1/stream" });
  const stop = (): void => void response.destroy();
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted) stop();
  try {
    yield* readEvents(response, wire.socket);
  } catch (error) {
    if (!signal?.aborted) throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
    response.destroy();
  }
}

/** The document is the daemon's own and of our schema, so its shape is believed. */
async function ask<D>(wire: Wire, what: ApiRequest): Promise<D> {
  const text = await requestText(wire, what);
  try {
    const document = JSON.parse(text) as D & { schema?: unknown };
    if (document.schema === 1) return document;
  } catch {
    // Text that is no JSON fails as a document of another schema does.
  }
  throw new ClientError({
    code: "protocol",
    operation: what.operation,
    message: `what answers at ${wire.socket} is no daemon of ours, or of another version`,
  });
}
