// SIP and SIPS URIs (RFC 3261 section 19.1). URIs of other schemes are carried as they are: a peer may use them.

import { parseAddress } from "../../model/index.ts";
import { type Malformed, MessageFault, readOrFault } from "./fault.ts";
import { readDecimal } from "./grammar.ts";
import { trimLws } from "./lws.ts";

export type SipScheme = "sip" | "sips";

export interface SipUri {
  readonly kind: "sip";
  readonly scheme: SipScheme;
  /** The user part as written, password included; null when there is none. Its %HH escapes are kept. */
  readonly user: string | null;
  /** A name, an IPv4 address, or an IPv6 address without its brackets. */
  readonly host: string;
  readonly port: number | null;
  /** By lower-case name; null where there is no value. Escapes are kept. */
  readonly params: ReadonlyMap<string, string | null>;
  /** What follows `?`, as written. */
  readonly headers: string | null;
}

export interface OtherUri {
  readonly kind: "other";
  readonly scheme: string;
  readonly rest: string;
}

export type Uri = SipUri | OtherUri;

const USER = /^([A-Za-z0-9\-_.!~*'()&=+$,;?/:]|%[0-9A-Fa-f]{2})+$/;
const PARAM = /^([A-Za-z0-9\-_.!~*'()[\]/:&+$]|%[0-9A-Fa-f]{2})+$/;
const HEADERS = /^([A-Za-z0-9\-_.!~*'()[\]/?:+$=&]|%[0-9A-Fa-f]{2})+$/;
const OTHER = /^[\x21\x23-\x3b\x3d\x3f-\x7e]+$/;
const LABEL = /^[A-Za-z0-9]([A-Za-z0-9_-]*[A-Za-z0-9])?$/;

/** Parses a URI; a fault's position counts from its first character. */
export function parseUri(text: string): Uri | Malformed {
  return readOrFault(() => readUri(text, 0));
}

/** Reads a URI that starts at `position` of a message. */
export function readUri(text: string, position: number): Uri {
  const colon = text.indexOf(":");
  const scheme = text.slice(0, Math.max(0, colon)).toLowerCase();
  if (!/^[a-z][a-z0-9+.-]*$/.test(scheme)) throw new MessageFault("bad-uri", position);
  const rest = text.slice(colon + 1);
  if (scheme === "sip" || scheme === "sips") return readSipUri(scheme, rest, position + colon + 1);
  if (!OTHER.test(rest)) throw new MessageFault("bad-uri", position + colon + 1);
  return { kind: "other", scheme, rest };
}

function readSipUri(scheme: SipScheme, rest: string, position: number): SipUri {
  // A user part may hold ; and ?, so the @ is looked for first: a host never has one.
  const at = rest.lastIndexOf("@");
  const user = at < 0 ? null : rest.slice(0, at);
  if (user !== null && !USER.test(user)) throw new MessageFault("bad-uri", position);
  const tail = rest.slice(at + 1);
  const question = tail.indexOf("?");
  const headers = question < 0 ? null : tail.slice(question + 1);
  if (headers !== null && !HEADERS.test(headers))
    throw new MessageFault("bad-uri", position + at + 1 + question);
  const [hostPort, ...params] = (question < 0 ? tail : tail.slice(0, question)).split(";");
  const { host, port } = readHostPort(hostPort!, position + at + 1);
  return { kind: "sip", scheme, user, host, port, params: readUriParams(params, position), headers };
}

function readUriParams(parts: readonly string[], position: number): ReadonlyMap<string, string | null> {
  const params = new Map<string, string | null>();
  for (const part of parts) {
    const equals = part.indexOf("=");
    const name = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? null : part.slice(equals + 1);
    if (!PARAM.test(name) || (value !== null && !PARAM.test(value)))
      throw new MessageFault("bad-uri", position);
    params.set(name.toLowerCase(), value);
  }
  return params;
}

export interface HostPort {
  readonly host: string;
  readonly port: number | null;
}

/** Reads `host`, `host:port`, `[ipv6]` or `[ipv6]:port`; the brackets are dropped. LWS around the colon is accepted. */
export function readHostPort(text: string, position: number): HostPort {
  const match = /^(\[([0-9A-Fa-f:.]+)\]|[^:[\] \t]+)(?:[ \t]*:[ \t]*(\d+))?$/.exec(trimLws(text));
  if (match === null) throw new MessageFault("bad-uri", position);
  const host = match[2] ?? match[1]!;
  if (match[2] === undefined ? !isHostName(host) : !isIpv6(host)) throw new MessageFault("bad-uri", position);
  if (match[3] === undefined) return { host, port: null };
  const port = readDecimal(match[3], 65_535);
  if (port === null) throw new MessageFault("bad-uri", position);
  return { host, port };
}

/** Accepts three colons in a row as well: the grammar of RFC 3261 produced them (RFC 5118 section 4.10). */
function isIpv6(text: string): boolean {
  return text.includes(":") && parseAddress(text.replace(":::", "::")) !== null;
}

/** A host name or an IPv4 address. A trailing dot and underscores are accepted: both are seen in the wild. */
export function isHostName(text: string): boolean {
  const name = text.endsWith(".") ? text.slice(0, -1) : text;
  return (
    name.length > 0 &&
    name.length <= 253 &&
    name.split(".").every((label) => label.length < 64 && LABEL.test(label))
  );
}

/** Text as the user part of a URI. Characters not allowed there, such as @ and all beyond ASCII, are escaped. */
export function escapeUser(byteString: string): string {
  return byteString.replace(/[^A-Za-z0-9\-_.!~*'()&=+$,;?/]/g, (char) => {
    return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  });
}

/** A host as it stands in a URI or a Via: IPv6 in brackets. */
export function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}

export function formatUri(uri: Uri): string {
  if (uri.kind === "other") return `${uri.scheme}:${uri.rest}`;
  const user = uri.user === null ? "" : `${uri.user}@`;
  const port = uri.port === null ? "" : `:${uri.port}`;
  const params = [...uri.params].map(([name, value]) => (value === null ? `;${name}` : `;${name}=${value}`));
  const headers = uri.headers === null ? "" : `?${uri.headers}`;
  return `${uri.scheme}:${user}${bracketed(uri.host)}${port}${params.join("")}${headers}`;
}
