// The opening of a WebSocket (RFC 6455 section 4, RFC 7118 section 4): an HTTP/1.1 request and its answer.

import { trimLws } from "../message/lws.ts";
import { byteString, bytesOf, displayText } from "../message/text.ts";

export const SUBPROTOCOL = "sip";

/** The server appends it to the key before hashing (RFC 6455 section 1.3). */
export const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

const ANSWER_BYTES_MAX = 16 * 1024;

export function handshakeRequest(host: string, path: string, key: string): Uint8Array {
  return bytesOf(
    [
      `GET ${path} HTTP/1.1`,
      `Host: ${host}`,
      "Upgrade: websocket",
      "Connection: Upgrade",
      `Sec-WebSocket-Key: ${key}`,
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Protocol: ${SUBPROTOCOL}`,
      "",
      "",
    ].join("\r\n"),
  );
}

export type HandshakeAnswer =
  | { readonly kind: "incomplete" }
  /** `rest` is what came behind the answer: the first frames. */
  | { readonly kind: "open"; readonly rest: Uint8Array }
  | {
      readonly kind: "refused";
      readonly outcome: "ws-http" | "ws-no-subprotocol" | "ws-bad-handshake";
      readonly detail: string;
    };

/** Reads the answer from all bytes so far. `accept` is the value that a server with our key must send. */
export function readHandshakeAnswer(bytes: Uint8Array, accept: string): HandshakeAnswer {
  const text = byteString(bytes.subarray(0, ANSWER_BYTES_MAX));
  const end = text.indexOf("\r\n\r\n");
  if (end < 0 && !/^HTTP\/1\.[01] \d{3}/.test(text) && text.length > 12)
    return refused("ws-bad-handshake", `not HTTP: ${displayText(text, 40)}`);
  if (end < 0)
    return bytes.length < ANSWER_BYTES_MAX
      ? { kind: "incomplete" }
      : refused("ws-bad-handshake", "endless headers");
  const [statusLine, ...lines] = text.slice(0, end).split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})(?: (.*))?$/.exec(statusLine!);
  if (status === null) return refused("ws-bad-handshake", `not HTTP: ${displayText(statusLine!, 40)}`);
  if (status[1] !== "101")
    return refused("ws-http", `HTTP ${status[1]} ${displayText(status[2] ?? "", 80)}`.trimEnd());
  const headers = readFields(lines);
  if (headers.get("sec-websocket-accept") !== accept)
    return refused("ws-bad-handshake", "Sec-WebSocket-Accept is wrong");
  const subprotocol = headers.get("sec-websocket-protocol") ?? "none";
  if (subprotocol.toLowerCase() !== SUBPROTOCOL)
    return refused("ws-no-subprotocol", `subprotocol ${displayText(subprotocol, 40)}`);
  return { kind: "open", rest: bytes.slice(end + 4) };
}

function readFields(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon > 0) fields.set(line.slice(0, colon).toLowerCase(), trimLws(line.slice(colon + 1)));
  }
  return fields;
}

function refused(
  outcome: "ws-http" | "ws-no-subprotocol" | "ws-bad-handshake",
  detail: string,
): HandshakeAnswer {
  return { kind: "refused", outcome, detail };
}
