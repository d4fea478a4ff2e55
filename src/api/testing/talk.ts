// Talks to an API as any HTTP client would, over a unix socket or TCP.

import { mkdtempSync, rmSync } from "node:fs";
import { type RequestOptions, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import type { ApiLog } from "../api-types.ts";

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface Ask extends RequestOptions {
  readonly json?: unknown;
  readonly body?: string | Uint8Array;
}

/** One request on a connection of its own. */
export function ask(where: RequestOptions, method: string, target: string, given: Ask = {}): Promise<Answer> {
  const { json, body = json === undefined ? undefined : JSON.stringify(json), headers, ...rest } = given;
  const options = {
    ...where,
    ...rest,
    method,
    path: target,
    agent: false,
    headers: {
      ...(body === undefined
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      ...headers,
    },
  } as RequestOptions;
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => (text += part));
      response.on("error", reject).on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          type: String(response.headers["content-type"]),
          headers: response.headers,
          text,
        }),
      );
    });
    sent.on("error", reject).end(body);
  });
}

/** Raw bytes to a unix socket, and all that comes back until it closes. */
export function askRaw(socketPath: string, bytes: string | Uint8Array): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    let text = "";
    socket.setEncoding("utf8").on("data", (part: string) => (text += part));
    socket.on("error", () => {}).on("close", () => resolve(text));
    socket.write(bytes);
  });
}

export function folderFor(t: TestContext): string {
  const folder = mkdtempSync(path.join(tmpdir(), "sockwarden-api-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface NotedLog extends ApiLog {
  readonly lines: { readonly fields: object; readonly text: string }[];
}

export function notedLog(): NotedLog {
  const lines: NotedLog["lines"] = [];
  const note = (fields: object, text: string): void => void lines.push({ fields, text });
  return { lines, info: note, error: note };
}
