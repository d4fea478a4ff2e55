// Talks to ip_set: makes, fills, reads and destroys sets of networks. Needs CAP_NET_ADMIN.

import {
  type IpsetCommand,
  type IpsetHeader,
  type ListedElement,
  type NetElement,
  readNetElements,
  readSetHeader,
  writeCreate,
  writeDestroy,
  writeElements,
  writeList,
} from "./ipset-codec.ts";
import { Errno } from "./libc.ts";
import { type Acknowledged, decodeAcknowledgement } from "./netlink-ack.ts";
import { type ReadMessage, receiveDump } from "./netlink-dump.ts";
import { NetlinkError, NetlinkProtocol, type NetlinkTransport, openNetlinkSocket } from "./netlink-socket.ts";
import { NetlinkWriter } from "./netlink-writer.ts";
import { NetfilterError } from "./nftables-socket.ts";

const ANSWERS_MAX = 100;

/** Opens a socket in the calling thread's network namespace. */
export function openIpsetSocket(): IpsetSocket {
  return new IpsetSocket(openNetlinkSocket(NetlinkProtocol.NETFILTER));
}

export class IpsetSocket implements Disposable {
  readonly #transport: NetlinkTransport & Disposable;
  readonly #writer = new NetlinkWriter();
  #sequence = 0;

  constructor(transport: NetlinkTransport & Disposable) {
    this.#transport = transport;
  }

  /** Creates a hash:net set with timeouts and counters. An existing set of this kind is no error. */
  create(set: { readonly name: string; readonly family: 4 | 6; readonly elementsMax: number }): Acknowledged {
    return this.#ask((sequence) => writeCreate(this.#writer, set, sequence));
  }

  destroy(name: string): Acknowledged {
    return this.#ask((sequence) => writeDestroy(this.#writer, name, sequence));
  }

  /** Adds, renews or deletes elements. The kernel stops at the first refusal, and the changes before it are done. */
  change(
    command: typeof IpsetCommand.ADD | typeof IpsetCommand.DEL,
    name: string,
    elements: readonly NetElement[],
  ): Acknowledged {
    return this.#ask((sequence) => writeElements(this.#writer, command, name, elements, sequence));
  }

  /** Every set of the namespace, without elements. */
  sets(): IpsetHeader[] {
    const headers: IpsetHeader[] = [];
    this.#list(null, (view, start, end) => {
      const header = readSetHeader(view, start, end);
      if (header !== null) headers.push(header);
    });
    return headers;
  }

  /** All elements of a set; none if there is no such set. */
  elements(name: string): ListedElement[] {
    const elements: ListedElement[] = [];
    this.#list(name, (view, start, end) => readNetElements(view, start, end, elements));
    return elements;
  }

  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }

  #list(name: string | null, read: ReadMessage): void {
    const sequence = ++this.#sequence;
    this.#writer.clear();
    writeList(this.#writer, name, sequence);
    this.#transport.send(this.#writer.written());
    const { errno } = receiveDump(this.#transport, sequence, read);
    if (errno === 0 || errno === Errno.ENOENT) return;
    throw new NetfilterError(`list ${name ?? "the sets"}`, { errno, words: null });
  }

  #ask(write: (sequence: number) => void): Acknowledged {
    const sequence = ++this.#sequence;
    this.#writer.clear();
    write(sequence);
    this.#transport.send(this.#writer.written());
    const { buffer, portId } = this.#transport;
    for (let answers = 0; answers < ANSWERS_MAX; answers++) {
      const answer = decodeAcknowledgement(buffer, this.#transport.receive(), { sequence, portId });
      if (answer !== null) return answer;
    }
    throw new NetlinkError("refused", "change a set", `no answer among ${ANSWERS_MAX} datagrams`);
  }
}
