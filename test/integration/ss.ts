// The sockets of a namespace by ss, read from its text: the outside judge of `who`. It shares no code with the program.

import type { Namespace } from "../../lab/index.ts";
import type { Conduct } from "../../src/model/index.ts";

export interface SsSocket {
  readonly state: string;
  readonly receiveQueue: number;
  readonly sendQueue: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly peerAddress: string;
  readonly peerPort: number;
  /** The rest of the line, where the fields are `name:value`. */
  readonly details: string;
}

/** All TCP sockets, or those that listen. */
export async function ssSockets(namespace: Namespace, which: "all" | "listening"): Promise<SsSocket[]> {
  const flags = which === "all" ? "-tanoieHO" : "-tlnHO";
  const { stdout } = await namespace.run(["ss", flags]);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map(parseLine);
}

/** The number behind `name:`, or 0: ss leaves zeros out. */
export function field({ details }: SsSocket, name: string): number {
  return Number(new RegExp(`\\b${name}:(\\d+)`).exec(details)?.[1] ?? 0);
}

/** The conduct of a socket by ss's fields, with all three times set to `times`. */
export function conductBySs(socket: SsSocket, times: number): Conduct {
  if (socket.state === "SYN-RECV") return "halfOpen";
  if (socket.state === "CLOSE-WAIT") return "leaked";
  if (socket.state !== "ESTAB") return "closing";
  if (field(socket, "ino") === 0) return "queued";
  if (/timer:\(persist/.test(socket.details) && field(socket, "lastsnd") >= times) return "stalled";
  if (/timer:\(on,[^,]*,[1-9]/.test(socket.details) && field(socket, "lastack") >= times) return "stalled";
  if (field(socket, "bytes_received") === 0) return field(socket, "lastrcv") < times ? "fresh" : "silent";
  return field(socket, "lastrcv") > times ? "idle" : "active";
}

/** A peer as a source: IPv4 bare, also when v4-mapped, IPv6 as its /64. */
export function sourceBySs({ peerAddress }: SsSocket): string {
  const mapped = /^\[?::ffff:(\d+\.\d+\.\d+\.\d+)\]?$/.exec(peerAddress);
  if (mapped !== null) return mapped[1]!;
  if (!peerAddress.includes(":")) return peerAddress;
  const [head, tail] = peerAddress.replace(/[[\]]/g, "").split("::");
  const start = head!.split(":");
  const end = tail === undefined || tail === "" ? [] : tail.split(":");
  const groups = [...start, ...new Array<string>(8 - start.length - end.length).fill("0"), ...end];
  return `${groups
    .slice(0, 4)
    .join(":")
    .replace(/(:0)+$/, "")}::/64`;
}

function parseLine(line: string): SsSocket {
  const [state, receiveQueue, sendQueue, local, peer, ...rest] = line.trim().split(/\s+/);
  const split = (text: string): [string, number] => {
    const colon = text.lastIndexOf(":");
    return [text.slice(0, colon).replace(/%.*$/, ""), Number(text.slice(colon + 1))];
  };
  const [localAddress, localPort] = split(local!);
  const [peerAddress, peerPort] = split(peer!);
  return {
    state: state!,
    receiveQueue: Number(receiveQueue),
    sendQueue: Number(sendQueue),
    localAddress,
    localPort,
    peerAddress,
    peerPort,
    details: rest.join(" "),
  };
}
