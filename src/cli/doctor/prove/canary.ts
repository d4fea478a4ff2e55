// The canary: a small server and its clients in a private pair of network namespaces, a hoarder among the clients, and
// the counts by which a ban and an eviction are judged. The counts come from the clients' own results, the server's
// descriptors and /proc/net/tcp6, never from the tested means.

import { readdirSync, readlinkSync } from "node:fs";
import { type EchoServer, type Lab, openLab, type Population } from "../../../../lab/index.ts";
import type { CanaryTarget } from "../../../doctor/index.ts";

export const CANARY_PORT = 5060;
/** A refused SYN is sent again after a second: by then two have been dropped. */
const CONNECT_TIMEOUT_MS = 1500;

export const CANARY_FAMILIES = ["ipv4", "ipv6"] as const;
export type CanaryFamily = (typeof CANARY_FAMILIES)[number];

export class Canary implements AsyncDisposable {
  readonly lab: Lab;
  readonly server: EchoServer;

  private constructor(lab: Lab, server: EchoServer) {
    this.lab = lab;
    this.server = server;
  }

  static async open(): Promise<Canary> {
    const lab = await openLab();
    try {
      return new Canary(lab, await lab.echo({ port: CANARY_PORT }));
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** Silent connections from a new address, or from `addresses`. */
  hold(family: CanaryFamily, count: number, addresses?: readonly string[]): Promise<Population> {
    const address = family === "ipv4" ? this.lab.victimAddress4 : this.lab.victimAddress6;
    return this.lab.hold({
      behaviour: "silent",
      count,
      sources: addresses ?? { family: family === "ipv4" ? 4 : 6, addresses: 1 },
      target: { address, port: CANARY_PORT },
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
    });
  }

  /** Descriptors that the server has open, by its folder in /proc. */
  descriptors(): number {
    return readdirSync(`/proc/${this.server.pid}/fd`).length;
  }

  /** Established connections of the server, by /proc/net/tcp6 of its namespace. */
  async established(): Promise<number> {
    return countStates(await this.#table(), CANARY_PORT, [ESTABLISHED]);
  }

  /** Its connections that hold a descriptor, with those that the peer has closed and the server has not yet. */
  async owned(): Promise<number> {
    return countStates(await this.#table(), CANARY_PORT, [ESTABLISHED, CLOSE_WAIT]);
  }

  #table(): Promise<string> {
    return this.lab.victim.read(["cat", "/proc/net/tcp6"]);
  }

  target(address: string): CanaryTarget {
    const namespace = readlinkSync(`/proc/${this.lab.victim.pid}/ns/net`);
    return { namespace, port: CANARY_PORT, address };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.lab.close();
  }
}

/** States as /proc/net/tcp6 writes them. */
const ESTABLISHED = "01";
const CLOSE_WAIT = "08";

/** Rows of /proc/net/tcp6 in these states with this local port: `sl local:PORT remote:PORT st ...`, all hexadecimal. */
export function countStates(table: string, port: number, states: readonly string[]): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return table.split("\n").filter((line) => {
    const [, mine, , state] = line.trim().split(/\s+/);
    return mine?.endsWith(local) === true && state !== undefined && states.includes(state);
  }).length;
}
