// Tells whose answer a response is (RFC 3261 sections 17.1.3 and 18.1.2), and what it says of the way it came.

import { checkMessage, partOf, readCseq } from "./check.ts";
import { firstHeader, headersOf } from "./header.ts";
import type { SipMessage, SipResponse } from "./parse.ts";
import { readVias, type Via } from "./via.ts";

export interface SentRequest {
  readonly branch: string;
  readonly method: string;
  readonly sentBy: { readonly host: string; readonly port: number | null };
}

export type Match =
  | { readonly kind: "answer"; readonly response: SipResponse; readonly via: Via }
  /** Somebody else's answer, a duplicate of an older one, or a request of the server's. */
  | { readonly kind: "stray" }
  | { readonly kind: "unreadable" };

/** Tells the answer to a request from all else that may arrive. A response with several Vias is meant for another. */
export function matchResponse(message: SipMessage, asked: SentRequest): Match {
  if (message.kind === "request") return { kind: "stray" };
  if (checkMessage(message) !== null) return { kind: "unreadable" };
  const vias = headersOf(message.headers, "Via").flatMap((header) => readVias(partOf(header)));
  const cseq = readCseq(partOf(firstHeader(message.headers, "CSeq")!));
  const [via] = vias;
  const ours =
    vias.length === 1 && via!.params.get("branch") === asked.branch && cseq.method === asked.method;
  return ours && isSentBy(via!, asked) ? { kind: "answer", response: message, via: via! } : { kind: "stray" };
}

function isSentBy(via: Via, { sentBy }: SentRequest): boolean {
  return via.host.toLowerCase() === sentBy.host.toLowerCase() && via.port === sentBy.port;
}

/** Our address and port as the server saw them; each is null where no address translator changed it. */
export function seenAs(via: Via): { readonly address: string | null; readonly port: number | null } {
  const received = via.params.get("received")?.replace(/^\[|\]$/g, "") ?? null;
  const rport = via.params.get("rport") ?? "";
  const port = /^\d{1,5}$/.test(rport) ? Number(rport) : null;
  return {
    address: received === null || received === via.host ? null : received,
    port: port === via.port ? null : port,
  };
}
