// The request that asks whether a server is there (RFC 3261 sections 8.1.1, 10 and 11).

import type { Header } from "./header.ts";
import type { SipRequest } from "./parse.ts";
import { header } from "./serialize.ts";
import { displayText, utf8ByteString } from "./text.ts";
import { bracketed } from "./uri.ts";
import { BRANCH_COOKIE, formatRequestVia } from "./via.ts";

/** Random identifiers of a try. All its requests share them; only the branch is new for each. */
export interface DialogIds {
  readonly callId: string;
  readonly fromTag: string;
}

export interface RequestSpec {
  readonly method: string;
  readonly requestUri: string;
  /** Who the request is for, in To; for REGISTER also who sends it. */
  readonly toUri: string;
  readonly fromUri: string;
  /** UDP, TCP, TLS, WS or WSS, as Via spells it. */
  readonly viaTransport: string;
  /** Who we are in Via: the socket's own address, or a name ending in .invalid on a WebSocket. */
  readonly sentBy: { readonly host: string; readonly port: number | null };
  readonly ids: DialogIds;
  readonly branch: string;
  readonly cseq: number;
  readonly maxForwards: number;
  readonly userAgent: string;
  /** Headers that not every request has: Contact, Expires, Authorization. */
  readonly extra: readonly Header[];
}

/** Builds the request. Content-Length is added when it is written. */
export function buildRequest(spec: RequestSpec): SipRequest {
  const { host, port } = spec.sentBy;
  return {
    kind: "request",
    method: spec.method,
    uri: spec.requestUri,
    headers: [
      header("Via", formatRequestVia(spec.viaTransport, host, port, spec.branch)),
      header("Max-Forwards", String(spec.maxForwards)),
      header("From", `<${spec.fromUri}>;tag=${spec.ids.fromTag}`),
      header("To", `<${spec.toUri}>`),
      header("Call-ID", spec.ids.callId),
      header("CSeq", `${spec.cseq} ${spec.method}`),
      ...spec.extra,
      header("Accept", "application/sdp"),
      header("User-Agent", utf8ByteString(displayText(utf8ByteString(spec.userAgent)))),
    ],
    body: new Uint8Array(),
  };
}

/** A branch that no other transaction has: 64 random bits. */
export function newBranch(randomHex: (bytes: number) => string): string {
  return `${BRANCH_COOKIE}${randomHex(8)}`;
}

/** The Contact under which a registrar reaches this connection, and for how many seconds; 0 removes it. */
export function bindingHeaders(
  user: string,
  sentBy: RequestSpec["sentBy"],
  viaTransport: string,
  expiresSeconds: number,
): readonly Header[] {
  const port = sentBy.port === null ? "" : `:${sentBy.port}`;
  const transport = viaTransport === "WSS" ? "ws" : viaTransport.toLowerCase();
  return [
    header("Contact", `<sip:${user}@${bracketed(sentBy.host)}${port};transport=${transport}>`),
    header("Expires", String(expiresSeconds)),
  ];
}
