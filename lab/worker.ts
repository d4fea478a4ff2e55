// The worker's end of the channel. A process of the lab gets its task as the first message, and answers what it is
// asked.

import type { FromWorker, ToWorker } from "./messages.ts";

/** Hands each message to `act`. The worker ends with its channel. */
export function onTask(act: (message: ToWorker) => void): void {
  process.on("disconnect", () => process.exit(0));
  process.on("message", (message) => act(message as ToWorker));
  if (!process.connected) process.exit(0);
}

export function tellKeeper(message: FromWorker): void {
  process.send!(message, () => {});
}
