// Header values that name somebody: From, To, Contact and their kin (RFC 3261 section 20.10): a URI in <> after an
// optional display name, or a bare URI, then parameters.

import { MessageFault } from "./fault.ts";
import {
  endOfQuoted,
  isToken,
  type Params,
  type Part,
  readParams,
  splitOutsideQuotes,
  unquote,
} from "./grammar.ts";
import { trimLws, trimStartLws } from "./lws.ts";
import { readUri, type Uri } from "./uri.ts";

export interface NameAddress {
  readonly displayName: string | null;
  readonly uri: Uri;
  readonly params: Params;
}

/** Reads the comma-separated addresses of one header. The caller checks for `*` first: it is no address. */
export function readAddresses(value: Part): readonly NameAddress[] {
  return splitOutsideQuotes(value, ",", true).map(readAddress);
}

/** Reads one address. A comma outside quotes and <> is a fault: From and To are no lists. */
export function readAddress({ text, position }: Part): NameAddress {
  const { displayName, rest } = readDisplayName(text, position);
  const open = text.length - rest.length;
  if (!rest.startsWith("<")) {
    if (displayName !== null) throw new MessageFault("bad-address", position);
    return readBareAddress({ text, position });
  }
  const close = rest.indexOf(">");
  if (close < 0) throw new MessageFault("bad-address", position + open);
  const uri = readUri(rest.slice(1, close), position + open + 1);
  return { displayName, uri, params: readTrailing(rest.slice(close + 1), position + open + close + 1) };
}

/** A bare URI has no parameters and no headers: `;` begins the header's own, and `?` is a fault (section 20.10). */
function readBareAddress(whole: Part): NameAddress {
  const [uri, ...params] = splitOutsideQuotes(whole, ";", false);
  if (/[?,]/.test(uri!.text)) throw new MessageFault("bad-address", uri!.position);
  return { displayName: null, uri: readUri(uri!.text, uri!.position), params: readParams(params) };
}

function readTrailing(text: string, position: number): Params {
  if (trimLws(text) === "") return new Map();
  const [before, ...params] = splitOutsideQuotes({ text, position }, ";", false);
  if (before!.text !== "") throw new MessageFault("bad-address", position);
  return readParams(params);
}

/** A quoted string, or tokens with LWS between them. A token right before `<` is read too (RFC 4475 section 3.1.1.6). */
function readDisplayName(text: string, position: number): { displayName: string | null; rest: string } {
  if (text.startsWith('"')) {
    const end = endOfQuoted(text, 0, position);
    const rest = trimStartLws(text.slice(end + 1));
    return { displayName: unquote(text.slice(0, end + 1)), rest };
  }
  const open = text.indexOf("<");
  const name = open < 0 ? "" : trimLws(text.slice(0, open));
  // `sip:a@b;x="<"` has its bracket inside a quoted parameter: no display name holds a colon, so this is a bare URI.
  if (name === "" || name.includes(":"))
    return { displayName: null, rest: open > 0 && name === "" ? text.slice(open) : text };
  if (!name.split(/[ \t]+/).every(isToken)) throw new MessageFault("bad-address", position);
  return { displayName: name, rest: text.slice(open) };
}
