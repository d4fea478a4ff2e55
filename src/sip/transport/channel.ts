// A way to one server: requests go out, and events tell what comes in. All transports look like this from above.

import type { FaultCode } from "../message/fault.ts";
import type { SipMessage } from "../message/parse.ts";
import type { TlsFacts } from "./certificate.ts";

export interface SocketAddress {
  readonly address: string;
  readonly port: number;
}

export type ChannelEvent =
  | { readonly kind: "message"; readonly message: SipMessage }
  /** The answer to a CRLF keep-alive. */
  | { readonly kind: "pong" }
  /** Bytes that are no message. On a stream nothing can follow them. */
  | { readonly kind: "garbage"; readonly code: FaultCode; readonly position: number }
  | {
      readonly kind: "closed";
      readonly how: ClosedHow;
      readonly detail: string;
      readonly pendingBytes: number;
    };

/** How a channel closed: by the peer, unless `error`. */
export type ClosedHow = "fin" | "reset" | "refused" | "unreachable" | "ws-close" | "tls-alert" | "error";

export interface Channel {
  /** As Via spells it: UDP, TCP, TLS, WS, WSS. */
  readonly viaTransport: string;
  /** Who we are in Via. */
  readonly sentBy: { readonly host: string; readonly port: number | null };
  readonly local: SocketAddress;
  /** Whether a request is to be sent again while no answer comes. */
  readonly resends: boolean;
  readonly tls: TlsFacts | null;
  /** Bytes of a message that has begun and is not complete. */
  readonly pendingBytes: number;
  /** Bytes received, whatever they were. */
  readonly receivedBytes: number;
  send(bytes: Uint8Array): void;
  /** Sends every event to this function from here on, the waiting ones first. */
  listen(listener: (event: ChannelEvent) => void): void;
  /** Closes with a FIN where there is a connection, so that the server frees its descriptor at once. */
  close(): void;
}

/** Keeps events until someone listens. Beyond this many it drops what the server sends unasked. */
export class ChannelEvents {
  static readonly WAITING_MAX = 100;

  #waiting: ChannelEvent[] = [];
  #listener: ((event: ChannelEvent) => void) | null = null;

  push(event: ChannelEvent): void {
    if (this.#listener !== null) this.#listener(event);
    else if (this.#waiting.length < ChannelEvents.WAITING_MAX || event.kind === "closed")
      this.#waiting.push(event);
  }

  listen(listener: (event: ChannelEvent) => void): void {
    this.#listener = listener;
    for (const event of this.#waiting.splice(0)) this.#listener(event);
  }
}
