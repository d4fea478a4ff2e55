// The peers of connections: noted once, when a connection is accepted, and looked up by each of its requests.

import type { Socket } from "node:net";
import { readPeerCredentials } from "../linux/index.ts";
import type { Caller } from "./service.ts";

const UNKNOWN_CALLER: Caller = { uid: null, pid: null };

const callers = new WeakMap<Socket, Caller>();

/** Reads the kernel's note on a unix socket's peer. A peer that has already gone stays unknown. */
export function rememberPeer(socket: Socket): void {
  const fd = descriptorOf(socket);
  if (fd === null) return;
  try {
    const { uid, pid } = readPeerCredentials(fd);
    callers.set(socket, { uid, pid: pid === 0 ? null : pid });
  } catch {
    // Without a note the peer is unknown.
  }
}

export function callerOf(socket: Socket | undefined): Caller {
  return (socket && callers.get(socket)) ?? UNKNOWN_CALLER;
}

/** Node has no public way to a socket's descriptor. If its inside changes, callers become unknown and nothing fails. */
function descriptorOf(socket: Socket): number | null {
  const fd = (socket as { _handle?: { fd?: unknown } | null })._handle?.fd;
  return typeof fd === "number" && fd >= 0 ? fd : null;
}
