// A message to bytes. Strict: text that a reader could take for something else is the caller's mistake, and throws.

import { isToken } from "./grammar.ts";
import { type Header, headerValue } from "./header.ts";
import type { SipMessage } from "./parse.ts";
import { bytesOf } from "./text.ts";

/** A header of a message that is built here. */
export function header(name: string, value: string): Header {
  return { name, value, position: 0 };
}

/** The bytes of a message. Content-Length is added where it is absent, since a stream cannot be framed without it. */
export function serializeMessage(message: SipMessage): Uint8Array {
  const stated = headerValue(message.headers, "Content-Length");
  if (stated !== null && Number(stated) !== message.body.length)
    throw new RangeError(`serialize message: Content-Length ${stated}, body ${message.body.length}`);
  const lines = [startLine(message), ...message.headers.map(headerLine)];
  if (stated === null) lines.push(`Content-Length: ${message.body.length}`);
  const head = bytesOf(`${lines.join("\r\n")}\r\n\r\n`);
  const bytes = new Uint8Array(head.length + message.body.length);
  bytes.set(head);
  bytes.set(message.body, head.length);
  return bytes;
}

function startLine(message: SipMessage): string {
  if (message.kind === "response") return onOneLine(`SIP/2.0 ${message.code} ${message.reason}`);
  if (!isToken(message.method) || / /.test(message.uri))
    throw new RangeError(`serialize message: method ${message.method}, URI ${message.uri}`);
  return onOneLine(`${message.method} ${message.uri} SIP/2.0`);
}

function headerLine({ name, value }: Header): string {
  if (!isToken(name)) throw new RangeError(`serialize message: header name ${name}`);
  return onOneLine(`${name}: ${value}`);
}

function onOneLine(line: string): string {
  if (/[\r\n]/.test(line)) throw new RangeError(`serialize message: line break in ${JSON.stringify(line)}`);
  return line;
}
