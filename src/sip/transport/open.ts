// Opening a channel to a destination, phase by phase.

import { randomBytes } from "node:crypto";
import type net from "node:net";
import type { Destination } from "../lookup/lookup.ts";
import { bracketed } from "../message/uri.ts";
import type { Phase } from "../outcome.ts";
import type { Channel } from "./channel.ts";
import { streamCodec, webSocketCodec } from "./codec.ts";
import { SocketChannel } from "./socket-channel.ts";
import { type LocalOptions, openTcp } from "./tcp.ts";
import { startTls, type TlsOptions } from "./tls.ts";
import { openUdp } from "./udp.ts";
import { startWebSocket } from "./ws.ts";

export interface ChannelOptions extends LocalOptions {
  readonly tls: TlsOptions;
  /** The domain that was asked for: its name is in SNI, in the certificate and in the WebSocket's Host. */
  readonly domain: string;
  readonly wsPath: string;
}

/** Opens it. `enter` is told when each phase begins. Throws `ProbeError`. */
export async function openChannel(
  destination: Destination,
  options: ChannelOptions,
  enter: (phase: Phase) => void,
  signal: AbortSignal,
): Promise<Channel> {
  const { transport } = destination;
  enter("connect");
  if (transport === "udp") return openUdp(destination, options, signal);
  let socket: net.Socket = await openTcp(destination, options, signal);
  let tls: Channel["tls"] = null;
  if (transport === "tls" || transport === "wss") {
    enter("tls");
    const opened = await startTls(socket, options.domain, options.tls, signal);
    socket = opened.socket;
    tls = opened.facts;
  }
  if (transport === "tcp" || transport === "tls") {
    const viaTransport = transport === "tls" ? "TLS" : "TCP";
    return new SocketChannel(socket, {
      viaTransport,
      sentBy: null,
      tls,
      codec: streamCodec(),
      rest: new Uint8Array(),
    });
  }
  enter("ws");
  const rest = await startWebSocket(
    socket,
    `${bracketed(options.domain)}:${destination.port}`,
    options.wsPath,
    signal,
  );
  return new SocketChannel(socket, {
    viaTransport: transport === "wss" ? "WSS" : "WS",
    // A WebSocket client cannot be connected to, so it has a name that never resolves (RFC 7118 section 5.5).
    sentBy: { host: `${randomBytes(6).toString("hex")}.invalid`, port: null },
    tls,
    codec: webSocketCodec(() => randomBytes(4)),
    rest,
  });
}
