// Which listener a socket belongs to: its local address and port must be an endpoint's. A port alone says too little:
// client sockets get ephemeral ports that may equal a listener's (isDialled() in conduct.ts tells those apart that use
// the listener's address too).

import { AF_INET6, NOT_TOLD, type SocketTable } from "../linux/index.ts";
import { ADDRESS_BYTES, type Address, isIpv4Words } from "../model/index.ts";

/** One listening socket. */
export interface Endpoint {
  readonly address: Address;
  readonly port: number;
  readonly v6Only: boolean;
  /** The device that it is bound to, 0 for any. */
  readonly interfaceIndex: number;
  readonly inode: number;
  readonly uid: number;
  /** Inode number of its control group, or null. */
  readonly cgroup: number | null;
  /** Connections waiting to be accepted, and how many may. */
  readonly backlog: { readonly used: number; readonly limit: number };
}

/** The endpoints in a table of LISTEN sockets, by port and address. */
export function readEndpoints(listening: SocketTable): Endpoint[] {
  const endpoints = Array.from({ length: listening.length }, (_, row) => endpointOf(listening, row));
  return endpoints.sort(
    (a, b) => a.port - b.port || Buffer.compare(a.address, b.address) || a.inode - b.inode,
  );
}

function endpointOf(table: SocketTable, row: number): Endpoint {
  const words = table.local.slice(4 * row, 4 * row + 4);
  // A dual-stack wildcard must stay `::`, and an IPv4 wildcard is ::ffff:0.0.0.0: that is how they differ from here on.
  return {
    address: new Uint8Array(words.buffer),
    port: table.localPort[row]!,
    v6Only: table.family[row] === AF_INET6 && table.v6Only[row] === 1,
    interfaceIndex: table.interfaceIndex[row]!,
    inode: table.inode[row]!,
    uid: table.uid[row]!,
    cgroup: table.cgroup[row] === NOT_TOLD ? null : table.cgroup[row]!,
    backlog: { used: table.rqueue[row]!, limit: table.wqueue[row]! },
  };
}

export const NO_LISTENER = -1;

/**
 * Finds the listener of a socket. Hot: match() runs for every socket of a scan. Most ports have no listener and are
 * dismissed by one read; the others have a few endpoints, tried from the most to the least specific.
 */
export class EndpointIndex {
  /** By port: position of its first endpoint in the columns below, plus 1; 0 for none. */
  readonly #first = new Uint32Array(65_536);
  readonly #port: Uint16Array;
  readonly #words: Uint32Array;
  readonly #device: Uint32Array;
  /** Which addresses an endpoint takes: one of Takes. */
  readonly #takes: Uint8Array;
  readonly #listener: Uint32Array;

  /** `listenerOf[i]` is the number that match() returns for `endpoints[i]`. */
  constructor(endpoints: readonly Endpoint[], listenerOf: readonly number[]) {
    const order = endpoints
      .map((endpoint, i) => ({ endpoint, listener: listenerOf[i]!, takes: takesOf(endpoint) }))
      .sort((a, b) => a.endpoint.port - b.endpoint.port || compareSpecific(a, b));
    this.#port = Uint16Array.from(order, ({ endpoint }) => endpoint.port);
    this.#device = Uint32Array.from(order, ({ endpoint }) => endpoint.interfaceIndex);
    this.#takes = Uint8Array.from(order, ({ takes }) => takes);
    this.#listener = Uint32Array.from(order, ({ listener }) => listener);
    this.#words = new Uint32Array(4 * order.length);
    for (const [i, { endpoint }] of order.entries()) {
      this.#words.set(new Uint32Array(endpoint.address.slice().buffer, 0, ADDRESS_BYTES / 4), 4 * i);
      if (this.#first[endpoint.port] === 0) this.#first[endpoint.port] = i + 1;
    }
  }

  /** The listener that the socket in `row` was accepted from, by its local address, port and device; or NO_LISTENER. */
  match(table: SocketTable, row: number): number {
    const port = table.localPort[row]!;
    const first = this.#first[port]!;
    if (first === 0) return NO_LISTENER;
    for (let i = first - 1; i < this.#port.length && this.#port[i] === port; i++) {
      if (this.#accepts(i, table, row)) return this.#listener[i]!;
    }
    return NO_LISTENER;
  }

  #accepts(i: number, table: SocketTable, row: number): boolean {
    const device = this.#device[i]!;
    if (device !== 0 && device !== table.interfaceIndex[row]) return false;
    const local = table.local;
    const at = 4 * row;
    const takes = this.#takes[i]!;
    if (takes === Takes.EVERYTHING) return true;
    if (takes !== Takes.ONE_ADDRESS) {
      const ipv4 = isIpv4Words(local, at);
      return ipv4 === (takes === Takes.IPV4);
    }
    const words = this.#words;
    const w = 4 * i;
    return (
      words[w + 3] === local[at + 3] &&
      words[w + 2] === local[at + 2] &&
      words[w + 1] === local[at + 1] &&
      words[w] === local[at]
    );
  }
}

/** In the order in which they are tried: the kernel prefers the most specific listener, too. */
const Takes = { ONE_ADDRESS: 0, IPV4: 1, IPV6: 2, EVERYTHING: 3 } as const;
type Takes = (typeof Takes)[keyof typeof Takes];

function takesOf({ address, v6Only }: Endpoint): Takes {
  if (address.every((byte) => byte === 0)) return v6Only ? Takes.IPV6 : Takes.EVERYTHING;
  const ipv4Wildcard = new Uint32Array(address.slice().buffer);
  return isIpv4Words(ipv4Wildcard, 0) && ipv4Wildcard[3] === 0 ? Takes.IPV4 : Takes.ONE_ADDRESS;
}

function compareSpecific(
  a: { readonly endpoint: Endpoint; readonly takes: Takes },
  b: { readonly endpoint: Endpoint; readonly takes: Takes },
): number {
  const bound = Number(b.endpoint.interfaceIndex !== 0) - Number(a.endpoint.interfaceIndex !== 0);
  return a.takes - b.takes || bound;
}
