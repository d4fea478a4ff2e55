// Talks to nf_tables: reads the ruleset's generation and the contents of a table, and changes single elements. nft
// itself makes rules, sets and chains. Needs CAP_NET_ADMIN.

import { Refusal } from "../model/index.ts";
import { Errno, errorText } from "./libc.ts";
import { type Acknowledged, decodeAcknowledgement } from "./netlink-ack.ts";
import { type ReadMessage, receiveDump } from "./netlink-dump.ts";
import { MessageFlag } from "./netlink-message.ts";
import { NetlinkError, NetlinkProtocol, type NetlinkTransport, openNetlinkSocket } from "./netlink-socket.ts";
import { NetlinkWriter } from "./netlink-writer.ts";
import {
  CREATE,
  type ElementChange,
  EXCLUSIVE,
  NftMessage,
  readChain,
  readElements,
  readGeneration,
  readSet,
  type SetElement,
  type SetName,
  type SetShape,
  writeBatch,
  writeRequest,
} from "./nftables-codec.ts";

/** A refusal by a kernel object; `words` are the kernel's own, if it had any. */
export class NetfilterError extends Refusal {
  readonly operation: string;
  readonly errno: number;

  constructor(operation: string, { errno, words }: Acknowledged) {
    super(`${operation}: ${words === null ? "" : `${words}: `}${errorText(errno)}`);
    this.operation = operation;
    this.errno = errno;
  }
}

const INTERRUPTED_TRIES = 3;
const ANSWERS_MAX = 100;

/** Opens a socket in the calling thread's network namespace. */
export function openNftablesSocket(): NftablesSocket {
  return new NftablesSocket(openNetlinkSocket(NetlinkProtocol.NETFILTER));
}

export class NftablesSocket implements Disposable {
  readonly #transport: NetlinkTransport & Disposable;
  readonly #writer = new NetlinkWriter();
  #sequence = 0;

  constructor(transport: NetlinkTransport & Disposable) {
    this.#transport = transport;
  }

  /** The ruleset's generation. Every committed change of anybody's raises it by one (nf_tables_commit). */
  generation(): number {
    const sequence = this.#request(NftMessage.GETGEN, MessageFlag.ACK, []);
    let generation: number | null = null;
    const { errno } = receiveDump(this.#transport, sequence, (view, start, end) => {
      generation ??= readGeneration(view, start, end);
    });
    if (errno !== 0) throw new NetfilterError("ask nf_tables for its generation", { errno, words: null });
    if (generation === null) {
      throw new NetlinkError("refused", "ask nf_tables for its generation", "the answer has none");
    }
    return generation;
  }

  /** The sets of a table; none if there is no such table. */
  sets(table: string): SetShape[] {
    const sets: SetShape[] = [];
    this.#dump(NftMessage.GETSET, [table], sets, (into) => (view, start, end) => {
      into.push(readSet(view, start, end));
    });
    return sets.filter((set) => set.table === table);
  }

  /** The names of a table's chains; none if there is no such table. */
  chains(table: string): string[] {
    const chains: { table: string; name: string }[] = [];
    this.#dump(NftMessage.GETCHAIN, [table], chains, (into) => (view, start, end) => {
      into.push(readChain(view, start, end));
    });
    return chains.filter((chain) => chain.table === table).map(({ name }) => name);
  }

  /** All elements of a set; none if there is no such set. */
  elements({ table, set }: SetName): SetElement[] {
    const elements: SetElement[] = [];
    this.#dump(NftMessage.GETSETELEM, [table, set], elements, (into) => (view, start, end) => {
      readElements(view, start, end, into);
    });
    return elements;
  }

  /** Changes elements of one set in one transaction: all are done, or none. Returns the first refusal. */
  change(name: SetName, changes: readonly ElementChange[]): Acknowledged {
    const begin = this.#sequence + 1;
    this.#sequence += changes.length + 2;
    this.#writer.clear();
    writeBatch(this.#writer, name, changes, begin);
    this.#transport.send(this.#writer.written());
    return this.#batchAnswer(begin, changes.length);
  }

  [Symbol.dispose](): void {
    this.#transport[Symbol.dispose]();
  }

  /**
   * Reads a batch's answers. Each change is acknowledged. A batch that is refused as a whole is refused in the name of
   * its first message.
   */
  #batchAnswer(begin: number, changes: number): Acknowledged {
    const { buffer, portId } = this.#transport;
    let first: Acknowledged | null = null;
    const missing = new Set(Array.from({ length: changes }, (_, i) => begin + 1 + i));
    for (let answers = 0; missing.size > 0; answers++) {
      if (answers === ANSWERS_MAX) {
        throw new NetlinkError("refused", "change a set", `no answer among ${ANSWERS_MAX} datagrams`);
      }
      const length = this.#transport.receive();
      const whole = decodeAcknowledgement(buffer, length, { sequence: begin, portId });
      if (whole !== null && whole.errno !== 0) return whole;
      for (const sequence of missing) {
        const answer = decodeAcknowledgement(buffer, length, { sequence, portId });
        if (answer === null) continue;
        missing.delete(sequence);
        if (answer.errno !== 0) first ??= answer;
      }
    }
    return first ?? { errno: 0, words: null };
  }

  #request(type: number, flags: number, names: readonly string[]): number {
    const sequence = ++this.#sequence;
    this.#writer.clear();
    writeRequest(this.#writer, { type, flags, sequence }, names);
    this.#transport.send(this.#writer.written());
    return sequence;
  }

  /** Fills `into`, and begins again if the table changed meanwhile. The last try is kept as it is. */
  #dump<T>(type: number, names: readonly string[], into: T[], reader: (into: T[]) => ReadMessage): void {
    for (let attempt = 1; attempt <= INTERRUPTED_TRIES; attempt++) {
      into.length = 0;
      const sequence = this.#request(type, MessageFlag.DUMP, names);
      const { errno, interrupted } = receiveDump(this.#transport, sequence, reader(into));
      if (errno === Errno.ENOENT) return;
      if (errno !== 0) throw new NetfilterError(`read ${names.join(" ")}`, { errno, words: null });
      if (!interrupted) return;
    }
  }
}

export const adding = (
  keys: readonly Uint8Array[],
  timeoutsMs: readonly number[],
  { exclusive = false }: { readonly exclusive?: boolean } = {},
): ElementChange => ({
  type: NftMessage.NEWSETELEM,
  flags: CREATE | (exclusive ? EXCLUSIVE : 0),
  keys,
  timeoutsMs,
});

export const deleting = (keys: readonly Uint8Array[]): ElementChange => ({
  type: NftMessage.DELSETELEM,
  flags: 0,
  keys,
  timeoutsMs: null,
});
