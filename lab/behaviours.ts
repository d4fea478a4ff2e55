// Behaviours: what the clients of a population do with their connections, as a table. A behaviour named like a TCP
// state is named for the state of the victim's sockets in the end.
//
//   silent       never sends a byte
//   talk-once    says one thing, then holds
//   pings        keeps alive at once and every `intervalMs`; nothing else, ever
//   registered   says one thing at once and keeps alive every `intervalMs`: a quiet phone
//   active       says something at once and every `intervalMs`, and reads what comes back
//   zero-window  asks for more than the socket buffers hold and never reads. It does not notice being cut either
//   close-wait   closes its half at once and stays: a server in `leak` mode never closes the other
//   fin-wait2    makes the server close, and never closes itself
//   time-wait    makes the server close first, then closes as well
//   churn        opens and closes at once, at `rampPerSecond`
//   half-open    forged SYNs from addresses that nobody has (IPv4)

import type { Socket } from "node:net";

export const BEHAVIOURS = [
  "silent",
  "talk-once",
  "pings",
  "registered",
  "active",
  "zero-window",
  "close-wait",
  "fin-wait2",
  "time-wait",
  "churn",
  "half-open",
] as const;

export type Behaviour = (typeof BEHAVIOURS)[number];

export interface Manners {
  readonly reads: boolean;
  /** Whether the connection stays after the server has closed its side. */
  readonly staysAfterFin: boolean;
  /** Whether the client means its connections to end. Their end is then no loss. */
  readonly ends: boolean;
  /** Text that is said once connected; null is nothing. `text` is the population's own. */
  readonly says: (text: string, again: string) => string | null;
  /** Text that is said every `intervalMs` from then on; null is nothing. `again` is the population's own. */
  readonly repeats: (text: string, again: string) => string | null;
  readonly onConnect?: (socket: Socket) => void;
}

/** More than both ends' buffers hold without a reader (128 KiB to receive, a window's worth to send). */
const ZERO_WINDOW_BYTES = 1_000_000;

const holds: Manners = {
  reads: true,
  staysAfterFin: false,
  ends: false,
  says: () => null,
  repeats: () => null,
};

export const MANNERS: Readonly<Record<Exclude<Behaviour, "half-open">, Manners>> = {
  silent: holds,
  "talk-once": { ...holds, says: (text) => text },
  pings: { ...holds, says: (_text, again) => again, repeats: (_text, again) => again },
  registered: { ...holds, says: (text) => text, repeats: (_text, again) => again },
  active: { ...holds, says: (text) => text, repeats: (text) => text },
  "zero-window": { ...holds, reads: false, says: () => `SEND ${ZERO_WINDOW_BYTES}\n` },
  "close-wait": { ...holds, staysAfterFin: true, onConnect: (socket) => socket.end() },
  "fin-wait2": { ...holds, staysAfterFin: true, says: () => "CLOSE\n" },
  "time-wait": { ...holds, ends: true, says: () => "CLOSE\n" },
  churn: { ...holds, ends: true, onConnect: (socket) => socket.destroy() },
};
