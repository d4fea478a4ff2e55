// Between the bytes of a connection and SIP messages: by Content-Length on TCP and TLS, by frames on a WebSocket.

import { StreamFramer } from "../message/framer.ts";
import { parseMessage, skipNewlines } from "../message/parse.ts";
import type { ChannelEvent } from "./channel.ts";
import { encodeFrame, FrameReader, Opcode } from "./ws-frame.ts";

export type Decoded =
  | ChannelEvent
  /** Bytes that the protocol wants sent back at once. */
  | { readonly kind: "reply"; readonly bytes: Uint8Array };

export interface Codec {
  decode(chunk: Uint8Array): readonly Decoded[];
  encode(message: Uint8Array): Uint8Array;
  /** The bytes to send before closing; empty on a plain stream. */
  farewell(): Uint8Array;
  readonly pendingBytes: number;
}

export function streamCodec(): Codec {
  const framer = new StreamFramer();
  return {
    decode: (chunk) =>
      framer
        .push(chunk)
        .map((framed): Decoded => (framed.kind === "malformed" ? { ...framed, kind: "garbage" } : framed)),
    encode: (message) => message,
    farewell: () => new Uint8Array(),
    get pendingBytes() {
      return framer.pendingBytes;
    },
  };
}

/** One SIP message is one WebSocket message, text or binary (RFC 7118 section 5). `mask` gives four random bytes. */
export function webSocketCodec(mask: () => Uint8Array): Codec {
  const reader = new FrameReader();
  return {
    decode: (chunk) => reader.push(chunk).map((item) => decodeItem(item, mask)),
    encode: (message) => encodeFrame(Opcode.TEXT, message, mask()),
    farewell: () => encodeFrame(Opcode.CLOSE, Uint8Array.of(1000 >> 8, 1000 & 0xff), mask()),
    get pendingBytes() {
      return reader.pendingBytes;
    },
  };
}

function decodeItem(item: ReturnType<FrameReader["push"]>[number], mask: () => Uint8Array): Decoded {
  switch (item.kind) {
    case "message": {
      // The answer to a keep-alive is a message of newlines alone (RFC 7118 section 6).
      if (skipNewlines(item.payload) === item.payload.length) return { kind: "pong" };
      const message = parseMessage(item.payload);
      return message.kind === "malformed" ? { ...message, kind: "garbage" } : { kind: "message", message };
    }
    case "ping":
      return { kind: "reply", bytes: encodeFrame(Opcode.PONG, item.payload, mask()) };
    case "pong":
      return { kind: "pong" };
    case "close":
      return { kind: "closed", how: "ws-close", detail: closeText(item), pendingBytes: 0 };
    case "broken":
      return { kind: "closed", how: "ws-close", detail: `broken frame: ${item.why}`, pendingBytes: 0 };
  }
}

function closeText({ code, reason }: { readonly code: number | null; readonly reason: string }): string {
  return code === null
    ? "close frame without a code"
    : `close code ${code}${reason === "" ? "" : ` ${reason}`}`;
}
