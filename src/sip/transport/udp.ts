// A channel over UDP: a connected socket, so that the kernel drops what others send and tells when nobody listens.

import dgram from "node:dgram";
import { errorCode } from "../../model/index.ts";
import type { Destination } from "../lookup/lookup.ts";
import { parseMessage, skipNewlines } from "../message/parse.ts";
import { type Channel, type ChannelEvent, ChannelEvents, type SocketAddress } from "./channel.ts";
import { waitFor } from "./socket-wait.ts";
import { connectFailure, type LocalOptions } from "./tcp.ts";

/** Opens the socket; nothing is sent yet. Throws `ProbeError` of the phase `connect`. */
export async function openUdp(
  destination: Destination,
  { localAddress }: LocalOptions,
  signal: AbortSignal,
): Promise<Channel> {
  const socket = dgram.createSocket(destination.family === 6 ? "udp6" : "udp4");
  try {
    if (localAddress !== null) {
      const bound = waitFor(socket, "listening", signal);
      socket.bind(0, localAddress);
      await bound;
    }
    const connected = waitFor(socket, "connect", signal);
    socket.connect(destination.port, destination.address);
    await connected;
    return new UdpChannel(socket);
  } catch (error) {
    socket.on("error", () => {});
    socket.close();
    throw connectFailure(error);
  }
}

class UdpChannel implements Channel {
  readonly viaTransport = "UDP";
  readonly sentBy: Channel["sentBy"];
  readonly local: SocketAddress;
  readonly resends = true;
  readonly tls = null;
  /** A datagram is whole or it is nothing. */
  readonly pendingBytes = 0;
  readonly #socket: dgram.Socket;
  readonly #events = new ChannelEvents();
  #receivedBytes = 0;
  #closed = false;

  constructor(socket: dgram.Socket) {
    const { address, port } = socket.address();
    this.local = { address, port };
    this.sentBy = { host: address, port };
    this.#socket = socket;
    socket.on("message", (datagram) => this.#take(datagram));
    socket.on("error", (error) => this.#fail(error));
  }

  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  send(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#socket.send(bytes, (error) => {
      if (error !== null) this.#fail(error);
    });
  }

  listen(listener: (event: ChannelEvent) => void): void {
    this.#events.listen(listener);
  }

  close(): void {
    if (!this.#closed) this.#socket.close();
    this.#closed = true;
  }

  #take(datagram: Uint8Array): void {
    this.#receivedBytes += datagram.length;
    this.#events.push(decodeDatagram(datagram));
  }

  #fail(error: Error): void {
    if (this.#closed) return;
    const code = errorCode(error);
    const how = code === "ECONNREFUSED" ? "refused" : /^E(HOST|NET)/.test(code) ? "unreachable" : "error";
    this.#events.push({ kind: "closed", how, detail: code, pendingBytes: 0 });
  }
}

function decodeDatagram(datagram: Uint8Array): ChannelEvent {
  if (skipNewlines(datagram) === datagram.length) return { kind: "pong" };
  const message = parseMessage(datagram);
  return message.kind === "malformed" ? { ...message, kind: "garbage" } : { kind: "message", message };
}
