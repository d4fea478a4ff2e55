// The victim's TCP sockets as ss prints them. Tests judge by them.

import type { Namespace } from "../index.ts";

export interface SocketLine {
  /** The state as ss writes it: ESTAB, SYN-RECV, CLOSE-WAIT, ... */
  readonly state: string;
  readonly receiveQueue: number;
  readonly sendQueue: number;
  readonly local: string;
  readonly peer: string;
  /** The whole line, for details that few tests need. */
  readonly text: string;
}

/** The sockets that a filter in ss's own language selects; without one, all but listeners. */
export async function readSockets(
  namespace: Namespace,
  filter: readonly string[] = [],
): Promise<readonly SocketLine[]> {
  const argv = ["ss", "--tcp", "--numeric", "--info", "--options", "--extended", "--oneline", "--no-header"];
  const text = await namespace.read([...argv, "state", "connected", ...filter]);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map(parseLine);
}

function parseLine(line: string): SocketLine {
  const [state, receiveQueue, sendQueue, local, peer] = line.trim().split(/\s+/);
  return {
    state: state!,
    receiveQueue: Number(receiveQueue),
    sendQueue: Number(sendQueue),
    local: plain(local!),
    peer: plain(peer!),
    text: line,
  };
}

/** An endpoint without the v4-mapped prefix and the brackets: 10.0.0.1:5060, 2001:db8:1::1:5060. */
function plain(endpoint: string): string {
  return endpoint.replace("::ffff:", "").replace(/[[\]]/g, "");
}

export function addressOf(endpoint: string): string {
  return endpoint.slice(0, endpoint.lastIndexOf(":"));
}
