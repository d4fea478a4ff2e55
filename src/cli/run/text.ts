// The text of `sockwarden run` about a listener. Pure.

import type { ListenerStatus } from "../../api/index.ts";
import { count, slotShare } from "../../model/index.ts";

/** How a listener stands, in one line of the log. The part is rounded down, as in status, who and top. */
export function listenerText(listener: ListenerStatus): string {
  const { name, connections, used, slots, pressure, fdUsed, fdLimit } = listener;
  const percents = Math.floor(100 * slotShare(listener));
  const taken = slots === null ? "" : `, ${used} of ${slots} slots taken (${percents} %)`;
  const descriptors = fdUsed === null || fdLimit === null ? "" : `, ${fdUsed} of ${fdLimit} descriptors`;
  return `${name}: ${count(connections, "connection")}${taken}${descriptors}, ${pressure}`;
}
