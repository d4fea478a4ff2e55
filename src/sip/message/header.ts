// Header fields: their names in long and compact form (RFC 3261 section 20, RFC 3515, 3841, 3892, 4028, 6665, 8224),
// and finding them in a message.

/** A header field as it was read: its long name in the usual spelling, and its value, unfolded and trimmed. */
export interface Header {
  readonly name: string;
  readonly value: string;
  /** Where the value starts in the message; 0 in a message that was built here. */
  readonly position: number;
}

const COMPACT: Readonly<Record<string, string>> = {
  a: "Accept-Contact",
  b: "Referred-By",
  c: "Content-Type",
  d: "Request-Disposition",
  e: "Content-Encoding",
  f: "From",
  i: "Call-ID",
  j: "Reject-Contact",
  k: "Supported",
  l: "Content-Length",
  m: "Contact",
  o: "Event",
  r: "Refer-To",
  s: "Subject",
  t: "To",
  u: "Allow-Events",
  v: "Via",
  x: "Session-Expires",
  y: "Identity",
};

/** Names whose usual spelling is not a capital after each hyphen. */
const SPELLING: Readonly<Record<string, string>> = {
  "call-id": "Call-ID",
  cseq: "CSeq",
  "mime-version": "MIME-Version",
  "www-authenticate": "WWW-Authenticate",
};

/** From peers' names to our spelling. Servers use a few dozen; names past the limit are worked out anew. */
const READ_NAMES = new Map<string, string>();
const READ_NAMES_MAX = 500;

/** The long name in its usual spelling; a name not known here is spelt with a capital after each hyphen. */
export function headerName(raw: string): string {
  const read = READ_NAMES.get(raw);
  if (read !== undefined) return read;
  const name = spelt(raw.toLowerCase());
  if (READ_NAMES.size < READ_NAMES_MAX) READ_NAMES.set(raw, name);
  return name;
}

function spelt(lower: string): string {
  const known = Object.hasOwn(COMPACT, lower) ? COMPACT[lower] : SPELLING[lower];
  return known ?? lower.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

/** Every header of that name, in order. The name is the long one in its usual spelling. */
export function headersOf(headers: readonly Header[], name: string): readonly Header[] {
  return headers.filter((header) => header.name === name);
}

/** The first header of that name, or null. */
export function firstHeader(headers: readonly Header[], name: string): Header | null {
  return headers.find((header) => header.name === name) ?? null;
}

/** Its value, or null. */
export function headerValue(headers: readonly Header[], name: string): string | null {
  return firstHeader(headers, name)?.value ?? null;
}
