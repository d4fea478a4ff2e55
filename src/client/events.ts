// Server-sent events, as far as the daemon writes them: one `data:` line an event, comments between.

import type { IncomingMessage } from "node:http";
import { StringDecoder } from "node:string_decoder";
import type { EventDocument } from "../api/index.ts";
import { ClientError, connectionError } from "./errors.ts";

/** The daemon writes a comment every 15 s: a stream without any for longer is dead. */
const QUIET_MS_MAX = 60_000;
const EVENT_CHARACTERS_MAX = 2 ** 20;

/** Every event until the stream ends. Throws ClientError where it is cut or not as it should be. */
export async function* readEvents(
  response: IncomingMessage,
  socket: string,
): AsyncGenerator<EventDocument, void, void> {
  const operation = "follow";
  response.setTimeout(QUIET_MS_MAX, () =>
    response.destroy(
      new ClientError({ code: "timeout", operation, message: `the daemon at ${socket} went quiet` }),
    ),
  );
  const decoder = new StringDecoder("utf8");
  let text = "";
  try {
    for await (const part of response as AsyncIterable<Buffer>) {
      text += decoder.write(part);
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      if (text.length > EVENT_CHARACTERS_MAX) throw malformed(socket);
      for (const line of lines) if (line.startsWith("data: ")) yield eventOf(line.slice(6), socket);
    }
  } catch (error) {
    throw error instanceof ClientError
      ? error
      : connectionError(operation, socket, error as NodeJS.ErrnoException);
  }
}

function eventOf(text: string, socket: string): EventDocument {
  try {
    return JSON.parse(text) as EventDocument;
  } catch (cause) {
    throw malformed(socket, cause);
  }
}

function malformed(socket: string, cause?: unknown): ClientError {
  const message = `what came from ${socket} is no event of ours, or of another version`;
  return new ClientError({ code: "protocol", operation: "follow", message, cause });
}
