// Via (RFC 3261 section 20.42): `SIP/2.0/TCP host:port;branch=...;received=...;rport=...`.

import { MessageFault } from "./fault.ts";
import { isToken, type Params, type Part, readParams, splitOutsideQuotes } from "./grammar.ts";
import { bracketed, readHostPort } from "./uri.ts";

export interface Via {
  /** In capitals. An open set: UDP, TCP, TLS, SCTP, WS, WSS and whatever comes. */
  readonly transport: string;
  readonly host: string;
  readonly port: number | null;
  readonly params: Params;
}

/** Every branch of RFC 3261 starts with it; RFC 2543 has no rule for a branch. */
export const BRANCH_COOKIE = "z9hG4bK";

/** Reads the comma-separated entries of one Via header. */
export function readVias(value: Part): readonly Via[] {
  return splitOutsideQuotes(value, ",", false).map(readVia);
}

function readVia(part: Part): Via {
  const [head, ...params] = splitOutsideQuotes(part, ";", false);
  const match = /^([^ \t/]+)[ \t]*\/[ \t]*([^ \t/]+)[ \t]*\/[ \t]*([^ \t/]+)[ \t]+([^ \t].*)$/.exec(
    head!.text,
  );
  const [, protocol, version, transport, sentBy] = match ?? [];
  const isSip = protocol?.toUpperCase() === "SIP" && version === "2.0";
  if (!isSip || !isToken(transport!)) throw new MessageFault("bad-via", head!.position);
  const { host, port } = readHostPort(sentBy!, head!.position);
  return { transport: transport!.toUpperCase(), host, port, params: readParams(params) };
}

/** The Via of a request sent from here. `;rport` without a value asks for the answer to come back to the source port. */
export function formatRequestVia(
  transport: string,
  host: string,
  port: number | null,
  branch: string,
): string {
  const sentBy = port === null ? bracketed(host) : `${bracketed(host)}:${port}`;
  return `SIP/2.0/${transport} ${sentBy};branch=${branch};rport`;
}
