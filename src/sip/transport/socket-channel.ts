// A channel over a connected stream: TCP, TLS, or a WebSocket on either.

import type net from "node:net";
import { errorCode } from "../../model/index.ts";
import type { TlsFacts } from "./certificate.ts";
import {
  type Channel,
  type ChannelEvent,
  ChannelEvents,
  type ClosedHow,
  type SocketAddress,
} from "./channel.ts";
import type { Codec } from "./codec.ts";

/** How long a peer that reads nothing may hold up our closing. */
const CLOSE_MS = 1000;

export interface SocketChannelOptions {
  readonly viaTransport: "TCP" | "TLS" | "WS" | "WSS";
  /** Null where the socket's own address tells who we are. */
  readonly sentBy: Channel["sentBy"] | null;
  readonly tls: TlsFacts | null;
  readonly codec: Codec;
  /** Bytes already read from behind the handshake. */
  readonly rest: Uint8Array;
}

export class SocketChannel implements Channel {
  readonly viaTransport: string;
  readonly sentBy: Channel["sentBy"];
  readonly local: SocketAddress;
  readonly resends = false;
  readonly tls: TlsFacts | null;
  readonly #socket: net.Socket;
  readonly #codec: Codec;
  readonly #events = new ChannelEvents();
  #receivedBytes = 0;
  #closed = false;

  constructor(socket: net.Socket, options: SocketChannelOptions) {
    this.local = { address: socket.localAddress ?? "", port: socket.localPort ?? 0 };
    this.viaTransport = options.viaTransport;
    this.sentBy = options.sentBy ?? { host: this.local.address, port: this.local.port };
    this.tls = options.tls;
    this.#socket = socket;
    this.#codec = options.codec;
    if (options.rest.length > 0) this.#take(options.rest);
    socket.on("data", (chunk) => this.#take(chunk));
    socket.on("end", () => this.#close("fin", ""));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#close("fin", ""));
    socket.resume();
  }

  get pendingBytes(): number {
    return this.#codec.pendingBytes;
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(this.#codec.encode(bytes));
  }

  listen(listener: (event: ChannelEvent) => void): void {
    this.#events.listen(listener);
  }

  close(): void {
    this.#closed = true;
    const farewell = this.#codec.farewell();
    if (farewell.length > 0 && this.#socket.writable) this.#socket.write(farewell);
    // On plain TCP there is nothing left to say; TLS and WebSocket say goodbye first.
    if (this.tls === null && this.#socket.writableLength === 0 && farewell.length === 0) {
      this.#socket.destroy();
      return;
    }
    this.#socket.destroySoon();
    setTimeout(() => this.#socket.destroy(), CLOSE_MS).unref();
  }

  #take(chunk: Uint8Array): void {
    if (this.#closed) return;
    this.#receivedBytes += chunk.length;
    for (const item of this.#codec.decode(chunk)) {
      if (this.#closed) return;
      if (item.kind === "reply") this.#socket.write(item.bytes);
      else if (item.kind === "closed") this.#close(item.how, item.detail);
      else this.#events.push(item);
    }
  }

  #fail(error: Error): void {
    const code = errorCode(error);
    const isReset = code === "ECONNRESET" || code === "EPIPE" || code === "ECONNABORTED";
    this.#close(isReset ? "reset" : code.startsWith("ERR_SSL") ? "tls-alert" : "error", code);
  }

  #close(how: ClosedHow, detail: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events.push({ kind: "closed", how, detail, pendingBytes: this.pendingBytes });
  }
}
