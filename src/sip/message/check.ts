// Checks the headers of a message against their grammar. `parseMessage` only finds them. A caller checks a message
// before it acts on it, so that nothing downstream meets a header it cannot read.

import { readAddress, readAddresses } from "./address.ts";
import { type FaultCode, type Malformed, MessageFault, readOrFault } from "./fault.ts";
import { isToken, type Part, readDecimal } from "./grammar.ts";
import { firstHeader, type Header } from "./header.ts";
import type { SipMessage } from "./parse.ts";
import { readVias } from "./via.ts";

const UINT32_MAX = 2 ** 32 - 1;

type HeaderCheck = (value: Part) => unknown;

const HEADER_CHECKS: Readonly<Record<string, HeaderCheck>> = {
  Via: readVias,
  From: readAddress,
  To: readAddress,
  Contact: (value) => (value.text === "*" ? null : readAddresses(value)),
  Route: readAddresses,
  "Record-Route": readAddresses,
  "Call-ID": (value) => demand(/^[^ \t]+$/.test(value.text), "bad-header-line", value),
  CSeq: readCseq,
  "Max-Forwards": (value) => demand(readDecimal(value.text, 255) !== null, "bad-number", value),
  Expires: (value) => demand(readDecimal(value.text, UINT32_MAX) !== null, "bad-number", value),
};

/** Headers that a message has exactly one of (RFC 3261 section 8.1.1, and 7.3.1 on repeated ones). */
const ONE_EACH = ["From", "To", "Call-ID", "CSeq"] as const;

/** The first fault in the headers of a message, or null. */
export function checkMessage(message: SipMessage): Malformed | null {
  return readOrFault(() => {
    for (const header of message.headers) HEADER_CHECKS[header.name]?.(partOf(header));
    for (const name of ONE_EACH) checkOne(message.headers, name);
    if (firstHeader(message.headers, "Via") === null) throw new MessageFault("missing-header", 0);
    return null;
  });
}

function checkOne(headers: readonly Header[], name: string): void {
  const found = headers.filter((header) => header.name === name);
  if (found.length === 0) throw new MessageFault("missing-header", 0);
  if (found.length > 1) throw new MessageFault("repeated-header", found[1]!.position);
}

export interface Cseq {
  readonly number: number;
  readonly method: string;
}

/** Reads `1 OPTIONS`; the number has 32 bits at most. */
export function readCseq({ text, position }: Part): Cseq {
  const match = /^(\d+)[ \t]+([^ \t]+)$/.exec(text);
  const number = readDecimal(match?.[1] ?? "", UINT32_MAX);
  if (number === null || !isToken(match![2]!)) throw new MessageFault("bad-cseq", position);
  return { number, method: match![2]! };
}

/** A header's value as the readers of this room take it. */
export function partOf(header: Header): Part {
  return { text: header.value, position: header.position };
}

function demand(holds: boolean, code: FaultCode, { position }: Part): void {
  if (!holds) throw new MessageFault(code, position);
}
