// Opening a TCP connection.

import net from "node:net";
import { errorCode } from "../../model/index.ts";
import type { Destination } from "../lookup/lookup.ts";
import { ProbeError } from "../outcome.ts";
import { Interrupted, waitFor } from "./socket-wait.ts";

export interface LocalOptions {
  /** The local address to come from; null for the system's choice. */
  readonly localAddress: string | null;
}

/** A connected socket. Throws `ProbeError` of the phase `connect`. */
export async function openTcp(
  destination: Destination,
  { localAddress }: LocalOptions,
  signal: AbortSignal,
): Promise<net.Socket> {
  const { address: host, port, family } = destination;
  const socket = net.connect({
    host,
    port,
    family,
    noDelay: true,
    ...(localAddress === null ? {} : { localAddress }),
  });
  try {
    await waitFor(socket, "connect", signal);
    return socket;
  } catch (error) {
    discard(socket);
    throw connectFailure(error);
  }
}

/** The meaning of a failed connect. Errors of the network and errors of this machine are told apart. */
export function connectFailure(error: unknown): ProbeError {
  if (error instanceof Interrupted) return new ProbeError("connect-timeout", "connect", "");
  const code = errorCode(error);
  return new ProbeError(connectOutcome(code), "connect", code, error);
}

export function connectOutcome(
  code: string,
): "refused" | "unreachable" | "no-route" | "connect-timeout" | "reset" | "local-error" {
  switch (code) {
    case "ECONNREFUSED":
      return "refused";
    case "EHOSTUNREACH":
    case "EHOSTDOWN":
      return "unreachable";
    case "ENETUNREACH":
    case "ENETDOWN":
    case "EADDRNOTAVAIL":
    case "EAFNOSUPPORT":
      return "no-route";
    case "ETIMEDOUT":
      return "connect-timeout";
    case "ECONNRESET":
      return "reset";
    default:
      return "local-error";
  }
}

/** Ends a socket that nobody uses any more, and ignores its further events. */
export function discard(socket: net.Socket): void {
  socket.on("error", () => {});
  socket.destroy();
}
