// Targets as operators write them: `sip:HOST[:PORT][;transport=...]`, `sips:HOST`, `udp:`, `tcp:` or `tls:HOST[:PORT]`,
// `ws://HOST[:PORT]/PATH`, `wss://...`, or a bare host.

import { formatUri, parseUri, type SipUri } from "./message/uri.ts";

export const TRANSPORTS = ["udp", "tcp", "tls", "ws", "wss"] as const;

export type Transport = (typeof TRANSPORTS)[number];

export interface Target {
  /** As it was given. */
  readonly text: string;
  readonly host: string;
  readonly port: number | null;
  /** Null where the look-up chooses. */
  readonly transport: Transport | null;
  /** Whether only TLS will do (`sips:`, `tls:`, `wss:`). */
  readonly secure: boolean;
  /** The Request-URI: the server itself is asked, unless a user was given. */
  readonly requestUri: string;
  readonly user: string | null;
  /** The path of the WebSocket handshake. */
  readonly wsPath: string;
}

export interface BadTarget {
  readonly kind: "bad-target";
  readonly why: string;
}

export function parseTarget(text: string): Target | BadTarget {
  const ws = /^(wss?):\/\/([^/?#]+)([/?][^#]*)?$/i.exec(text);
  if (ws !== null) return parseWsTarget(text, ws[1]!.toLowerCase() as "ws" | "wss", ws[2]!, ws[3] ?? "/");
  const plain = /^(udp|tcp|tls):(?:\/\/)?(.+)$/i.exec(text);
  if (plain !== null) {
    const transport = plain[1]!.toLowerCase() as Transport;
    return fromUri(text, `sip:${bracketBareIpv6(plain[2]!)};transport=${transport}`);
  }
  return fromUri(text, /^sips?:/i.test(text) ? text : `sip:${bracketBareIpv6(text)}`);
}

function fromUri(text: string, uriText: string): Target | BadTarget {
  const uri = parseUri(uriText);
  if (uri.kind !== "sip") return bad("not a SIP URI such as sip:HOST:PORT;transport=tcp, nor a host");
  const named = uri.params.get("transport")?.toLowerCase() ?? null;
  const transport = TRANSPORTS.find((known) => known === named) ?? null;
  if (named !== null && transport === null)
    return bad(`transport ${named}; accepted: ${TRANSPORTS.join(", ")}`);
  if (uri.scheme === "sips" && transport === "udp") return bad("sips: needs TLS, so transport=udp cannot be");
  return {
    text,
    host: uri.host,
    port: uri.port,
    transport: uri.scheme === "sips" ? securely(transport) : transport,
    secure: uri.scheme === "sips" || transport === "tls" || transport === "wss",
    requestUri: requestUriOf(uri),
    user: uri.user,
    wsPath: "/",
  };
}

/** `sips:` says TLS on every transport; the parameter then names what is below it (RFC 3261 section 26.2.2). */
function securely(transport: Transport | null): Transport | null {
  if (transport === "tcp") return "tls";
  return transport === "ws" ? "wss" : transport;
}

/** A Request-URI has no headers, and names `ws` for both WebSocket transports (RFC 7118 section 5.2). */
function requestUriOf(uri: SipUri): string {
  const params = new Map(uri.params);
  if (params.get("transport")?.toLowerCase() === "wss") params.set("transport", "ws");
  return formatUri({ ...uri, params, headers: null });
}

function parseWsTarget(
  text: string,
  transport: "ws" | "wss",
  authority: string,
  path: string,
): Target | BadTarget {
  const target = fromUri(text, `sip:${authority};transport=${transport}`);
  if ("kind" in target) return target;
  // A path with blanks or worse would end up in a request line.
  if (!/^[\x21-\x7e]+$/.test(path)) return bad("the path of a WebSocket URL has only printable ASCII");
  return { ...target, wsPath: path.startsWith("/") ? path : `/${path}` };
}

/** `2001:db8::1` alone is clear enough; with a port it has to be in brackets. */
function bracketBareIpv6(text: string): string {
  return /^[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*$/i.test(text) ? `[${text}]` : text;
}

function bad(why: string): BadTarget {
  return { kind: "bad-target", why };
}
