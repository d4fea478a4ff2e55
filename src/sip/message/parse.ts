// Bytes to a message (RFC 3261 section 7). Tolerant in what it reads: LF alone ends a line, names in any case and
// compact, folded values, LWS around the colon, CRLFs in front, a status line without a reason or the space before it.
// Bytes that it cannot read are `Malformed`. It never throws, and its time is linear in the bytes.
//
//   start-line CRLF *( name ":" value CRLF ) CRLF [ body ]

import { type Malformed, MessageFault, readOrFault } from "./fault.ts";
import { isToken, readDecimal } from "./grammar.ts";
import { type Header, headerName, headersOf } from "./header.ts";
import { HEADERS_BYTES_MAX, HEADERS_MAX, MESSAGE_BODY_BYTES_MAX } from "./limits.ts";
import { trimEndLws, trimLws, trimStartLws } from "./lws.ts";
import { readStartLine, type StartLine } from "./start-line.ts";
import { byteString } from "./text.ts";

interface Common {
  readonly headers: readonly Header[];
  readonly body: Uint8Array;
}

export interface SipRequest extends Common {
  readonly kind: "request";
  readonly method: string;
  /** As written: the digest is over exactly this. */
  readonly uri: string;
}

export interface SipResponse extends Common {
  readonly kind: "response";
  /** 100 to 699. */
  readonly code: number;
  /** A byte string, often empty. */
  readonly reason: string;
}

export type SipMessage = SipRequest | SipResponse;

/** Parses a message that came whole: a datagram, or one WebSocket message. Bytes behind Content-Length are noise. */
export function parseMessage(bytes: Uint8Array): SipMessage | Malformed {
  return readOrFault(() => {
    const start = skipNewlines(bytes);
    const end = endOfHeaders(bytes, start, start);
    if (end === null) throw unfinished(bytes, start);
    const head = readHead(bytes, start, end);
    const length = head.contentLength ?? bytes.length - end;
    if (length > bytes.length - end) throw new MessageFault("body-too-short", bytes.length);
    return withBody(head, bytes.slice(end, end + length));
  });
}

/** Why there is no end of headers: nothing came, too much came, it is no SIP from its first line on, or it was cut. */
function unfinished(bytes: Uint8Array, start: number): MessageFault {
  if (start === bytes.length) return new MessageFault("empty", 0);
  if (bytes.length - start > HEADERS_BYTES_MAX) return new MessageFault("headers-too-long", bytes.length);
  const begins = byteString(bytes.subarray(start, start + 200));
  const isSip = /^(SIP\/|[^ \t\r\n]+ [a-z][a-z0-9+.-]*:)/i.test(begins);
  return isSip ? new MessageFault("no-blank-line", bytes.length) : new MessageFault("bad-start-line", start);
}

/** The start line and headers of a message, and how long its body is: null where it does not say. */
export interface Head {
  readonly startLine: StartLine;
  readonly headers: readonly Header[];
  readonly contentLength: number | null;
}

export function withBody({ startLine, headers }: Head, body: Uint8Array): SipMessage {
  return { ...startLine, headers, body };
}

/** Reads the header block between `start` and `end`, the byte after its blank line. */
export function readHead(bytes: Uint8Array, start: number, end: number): Head {
  if (end - start > HEADERS_BYTES_MAX) throw new MessageFault("headers-too-long", end);
  const [first, ...rest] = readLines(byteString(bytes.subarray(start, end)), start);
  const startLine = readStartLine(first!.text, first!.position);
  if (rest.length > HEADERS_MAX) throw new MessageFault("too-many-headers", rest[HEADERS_MAX]!.position);
  const headers = unfold(rest).map(readHeaderField);
  return { startLine, headers, contentLength: readContentLength(headers) };
}

/** Index of the first byte that is neither CR nor LF. */
export function skipNewlines(bytes: Uint8Array, from = 0): number {
  let i = from;
  while (i < bytes.length && (bytes[i] === 13 || bytes[i] === 10)) i++;
  return i;
}

/** Index behind the blank line that ends the headers, or null. `from` is where to go on looking, at or behind `start`. */
export function endOfHeaders(bytes: Uint8Array, start: number, from: number): number | null {
  for (let i = bytes.indexOf(10, Math.max(start, from)); i >= 0; i = bytes.indexOf(10, i + 1)) {
    if (bytes[i + 1] === 10) return i + 2;
    if (bytes[i + 1] === 13 && bytes[i + 2] === 10) return i + 3;
  }
  return null;
}

interface HeaderLine {
  readonly text: string;
  readonly position: number;
}

/** Lines without their line ends, up to the blank one. */
function readLines(block: string, start: number): readonly HeaderLine[] {
  const lines: HeaderLine[] = [];
  let position = start;
  for (const raw of block.split("\n")) {
    const text = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (text === "") break;
    const cr = text.indexOf("\r");
    // A peer that takes a bare CR for a line end would see other headers than we do.
    if (cr >= 0) throw new MessageFault("bare-cr", position + cr);
    lines.push({ text, position });
    position += raw.length + 1;
  }
  return lines;
}

/** Joins continuation lines to the one they continue: line end and the LWS behind it count as one space. */
function unfold(lines: readonly HeaderLine[]): readonly HeaderLine[] {
  const joined: { texts: string[]; position: number }[] = [];
  for (const { text, position } of lines) {
    if (!/^[ \t]/.test(text)) joined.push({ texts: [text], position });
    else if (joined.length === 0) throw new MessageFault("bad-header-line", position);
    else joined.at(-1)!.texts.push(trimLws(text));
  }
  return joined.map(({ texts, position }) => ({ text: texts.join(" "), position }));
}

function readHeaderField({ text, position }: HeaderLine): Header {
  const colon = text.indexOf(":");
  const name = trimEndLws(text.slice(0, Math.max(0, colon)));
  if (!isToken(name)) throw new MessageFault("bad-header-line", position);
  const value = text.slice(colon + 1);
  const start = colon + 1 + value.length - trimStartLws(value).length;
  return { name: headerName(name), value: trimLws(value), position: position + start };
}

/** Content-Lengths that agree count as one. Others are a fault: they would let two readers see two messages. */
function readContentLength(headers: readonly Header[]): number | null {
  let length: number | null = null;
  for (const { value, position } of headersOf(headers, "Content-Length")) {
    const read = readDecimal(value, Number.MAX_SAFE_INTEGER);
    if (read === null) throw new MessageFault("bad-content-length", position);
    if (read > MESSAGE_BODY_BYTES_MAX) throw new MessageFault("body-too-long", position);
    if (length !== null && length !== read) throw new MessageFault("conflicting-content-length", position);
    length = read;
  }
  return length;
}
