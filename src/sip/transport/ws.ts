// The WebSocket handshake over a connected or TLS socket.

import { createHash, randomBytes } from "node:crypto";
import type net from "node:net";
import { errorCode } from "../../model/index.ts";
import { ProbeError } from "../outcome.ts";
import { ClosedWhileWaiting, Interrupted } from "./socket-wait.ts";
import { discard } from "./tcp.ts";
import { ACCEPT_GUID, type HandshakeAnswer, handshakeRequest, readHandshakeAnswer } from "./ws-handshake.ts";

/** Opens the WebSocket and returns the bytes that came behind the handshake. Throws `ProbeError` of the phase `ws`. */
export async function startWebSocket(
  socket: net.Socket,
  host: string,
  path: string,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const key = randomBytes(16).toString("base64");
  const accept = createHash("sha1")
    .update(key + ACCEPT_GUID)
    .digest("base64");
  try {
    socket.write(handshakeRequest(host, path, key));
    const answer = await readAnswer(socket, accept, signal);
    if (answer.kind === "open") return answer.rest;
    throw new ProbeError(answer.outcome, "ws", answer.detail);
  } catch (error) {
    discard(socket);
    throw error instanceof ProbeError ? error : handshakeFailure(error);
  }
}

type Final = Exclude<HandshakeAnswer, { kind: "incomplete" }>;

function readAnswer(socket: net.Socket, accept: string, signal: AbortSignal): Promise<Final> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const settle = (end: () => void) => {
      socket.off("data", onData).off("error", onError).off("close", onClose).off("end", onClose);
      signal.removeEventListener("abort", onAbort);
      socket.pause();
      end();
    };
    const onData = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const answer = readHandshakeAnswer(received, accept);
      if (answer.kind !== "incomplete") settle(() => resolve(answer));
    };
    const onError = (error: Error) => settle(() => reject(error));
    const onClose = () => settle(() => reject(new ClosedWhileWaiting()));
    const onAbort = () => settle(() => reject(new Interrupted()));
    if (signal.aborted) {
      reject(new Interrupted());
      return;
    }
    socket.on("data", onData).once("error", onError).once("close", onClose).once("end", onClose);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}

function handshakeFailure(error: unknown): ProbeError {
  if (error instanceof Interrupted) return new ProbeError("ws-timeout", "ws", "");
  if (error instanceof ClosedWhileWaiting)
    return new ProbeError("closed-early", "ws", "closed during the WebSocket handshake");
  return new ProbeError("reset", "ws", errorCode(error), error);
}
