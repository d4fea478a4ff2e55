// The first line of a message (RFC 3261 sections 7.1 and 7.2).

import { MessageFault } from "./fault.ts";
import { isToken } from "./grammar.ts";
import { readUri } from "./uri.ts";

export type StartLine =
  | { readonly kind: "request"; readonly method: string; readonly uri: string }
  | { readonly kind: "response"; readonly code: number; readonly reason: string };

const VERSION = "SIP/2.0";

export function readStartLine(text: string, position: number): StartLine {
  return /^SIP\//i.test(text) ? readStatusLine(text, position) : readRequestLine(text, position);
}

/** `SIP/2.0 200 OK`. The reason may be empty, and servers leave out the space before an empty one. */
function readStatusLine(text: string, position: number): StartLine {
  const match = /^(SIP\/\S+) +(\S+)(?: (.*))?$/i.exec(text);
  if (match === null) throw new MessageFault("bad-start-line", position);
  const [, version, code, reason = ""] = match;
  if (version!.toUpperCase() !== VERSION) throw new MessageFault("bad-version", position);
  if (!/^[1-6]\d\d$/.test(code!)) throw new MessageFault("bad-status-code", position + version!.length + 1);
  return { kind: "response", code: Number(code), reason };
}

/** `OPTIONS sip:host SIP/2.0`: exactly one space between the three, none behind. */
function readRequestLine(text: string, position: number): StartLine {
  const parts = text.split(" ");
  const [method, uri, version] = parts;
  if (parts.length !== 3 || !/^SIP\//i.test(version!)) throw new MessageFault("bad-start-line", position);
  if (!isToken(method!)) throw new MessageFault("bad-method", position);
  if (version!.toUpperCase() !== VERSION) throw new MessageFault("bad-version", position);
  try {
    readUri(uri!, 0);
  } catch (error) {
    if (!(error instanceof MessageFault)) throw error;
    throw new MessageFault("bad-request-uri", position + method!.length + 1 + error.position);
  }
  return { kind: "request", method: method!, uri: uri! };
}
