// One HTTP exchange over the unix socket, bounded in time and size.

import { type ClientRequest, type IncomingMessage, request } from "node:http";
import type { ErrorDocument } from "../api/index.ts";
import { ClientError, connectionError } from "./errors.ts";

/** 40 000 bans are some 10 MB. */
const ANSWER_BYTES_MAX = 256 * 2 ** 20;

export interface ApiRequest {
  /** For error messages. */
  readonly operation: string;
  readonly method: "GET" | "POST" | "DELETE";
  readonly target: string;
  readonly body?: object;
}

export interface Wire {
  readonly socket: string;
  /** For the whole exchange; for a stream, until it begins. */
  readonly timeoutMs: number;
}

/** The text of an answer of 200. Throws ClientError for everything else. */
export function requestText(wire: Wire, what: ApiRequest): Promise<string> {
  return inTime(wire, what, async (response) => accepted(response, wire, what));
}

/** The answer itself, once it has begun; the caller reads and destroys it. */
export function openAnswer(wire: Wire, what: ApiRequest): Promise<IncomingMessage> {
  return inTime(wire, what, async (response) => {
    if (response.statusCode !== 200) await accepted(response, wire, what);
    return response;
  });
}

async function inTime<T>(
  wire: Wire,
  what: ApiRequest,
  read: (response: IncomingMessage) => Promise<T>,
): Promise<T> {
  const sent = send(wire, what);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    sent.destroy();
  }, wire.timeoutMs);
  try {
    return await read(await answerOf(sent, wire, what));
  } catch (error) {
    // The error of an answer that we cut for being late does not say why.
    throw late ? tooLate(wire, what.operation) : error;
  } finally {
    clearTimeout(timer);
  }
}

function send({ socket }: Wire, { method, target, body }: ApiRequest): ClientRequest {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers =
    text === undefined
      ? {}
      : { "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  // No agent: a program that asks once must not wait for a connection that is kept alive.
  return request({ socketPath: socket, method, path: target, headers, agent: false }).end(text);
}

function answerOf(
  sent: ClientRequest,
  { socket }: Wire,
  { operation }: ApiRequest,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    sent.once("response", resolve);
    sent.on("error", (error) =>
      reject(error instanceof ClientError ? error : connectionError(operation, socket, error)),
    );
  });
}

async function accepted(response: IncomingMessage, wire: Wire, { operation }: ApiRequest): Promise<string> {
  const text = await textOf(response, wire, operation);
  if (response.statusCode === 200) return text;
  const refusal = refusalIn(text);
  if (refusal === null)
    throw new ClientError({
      code: "protocol",
      operation,
      message: `what answers at ${wire.socket} is no daemon of ours, or of another version: it said ${response.statusCode}`,
    });
  const { code, field, message, accepted } = refusal;
  throw new ClientError({
    code: code === "unauthorized" ? "denied" : "refused",
    operation,
    message: accepted === null ? message : `${message}; accepted: ${accepted}`,
    field,
    accepted,
  });
}

async function textOf(response: IncomingMessage, { socket }: Wire, operation: string): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > ANSWER_BYTES_MAX)
        throw new ClientError({
          code: "protocol",
          operation,
          message: `the answer from ${socket} is larger than ${ANSWER_BYTES_MAX} bytes`,
        });
      parts.push(part);
    }
  } catch (error) {
    throw error instanceof ClientError
      ? error
      : connectionError(operation, socket, error as NodeJS.ErrnoException);
  }
  return Buffer.concat(parts).toString("utf8");
}

function refusalIn(text: string): ErrorDocument["error"] | null {
  try {
    const { error } = JSON.parse(text) as Partial<ErrorDocument>;
    return typeof error?.message === "string" ? error : null;
  } catch {
    return null;
  }
}

function tooLate({ socket, timeoutMs }: Wire, operation: string): ClientError {
  const message = `the daemon at ${socket} did not answer within ${timeoutMs / 1000} s; its log may say why`;
  return new ClientError({ code: "timeout", operation, message });
}
