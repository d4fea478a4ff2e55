// Waiting for one event of a socket, or for its failure, or for the probe's deadline.

import type { EventEmitter } from "node:events";

/** The deadline came first, or the probe was called off. */
export class Interrupted extends Error {
  constructor() {
    super("wait for socket: interrupted");
    this.name = "Interrupted";
  }
}

/** The peer closed before the event came. */
export class ClosedWhileWaiting extends Error {
  constructor() {
    super("wait for socket: closed by the peer");
    this.name = "ClosedWhileWaiting";
  }
}

/** Resolves with the event; rejects with the socket's error, `ClosedWhileWaiting` or `Interrupted`. */
export function waitFor(socket: EventEmitter, event: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (end: () => void) => {
      socket.off(event, onEvent).off("error", onError).off("close", onClose);
      signal.removeEventListener("abort", onAbort);
      end();
    };
    const onEvent = () => settle(resolve);
    const onError = (error: Error) => settle(() => reject(error));
    const onClose = () => settle(() => reject(new ClosedWhileWaiting()));
    const onAbort = () => settle(() => reject(new Interrupted()));
    if (signal.aborted) {
      reject(new Interrupted());
      return;
    }
    socket.once(event, onEvent).once("error", onError).once("close", onClose);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
