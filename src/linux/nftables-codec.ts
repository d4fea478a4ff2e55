// nftables' netlink messages as pure bytes: those that change single elements, and those that read what stands. Source:
// include/uapi/linux/netfilter/{nfnetlink.h,nf_tables.h}.
//
//   batch:    BATCH_BEGIN | NEWSETELEM or DELSETELEM ... | BATCH_END      one transaction, all or nothing
//   message:  nlmsghdr | family u8, version u8, resource u16 big-endian | attributes
//   element:  ELEM { KEY { VALUE }, TIMEOUT u64, EXPIRATION u64, EXPR { NAME "counter", DATA { BYTES, PACKETS } } }

import { attributeText, eachAttribute, readBigEndianU64 } from "./netlink-dump.ts";
import { MessageFlag } from "./netlink-message.ts";
import type { NetlinkWriter } from "./netlink-writer.ts";

const SUBSYSTEM = 10;
const BATCH_BEGIN = 16;
const BATCH_END = 17;
/** The family of a table for both IPv4 and IPv6. */
const NFPROTO_INET = 1;
const NFGENMSG_BYTES = 4;

/** Message types: NFNL_SUBSYS_NFTABLES in the high byte, enum nf_tables_msg_types in the low one. */
export const NftMessage = {
  GETCHAIN: 0x0a04,
  GETSET: 0x0a0a,
  NEWSETELEM: 0x0a0c,
  GETSETELEM: 0x0a0d,
  DELSETELEM: 0x0a0e,
  GETGEN: 0x0a10,
} as const;

/** NLM_F_CREATE; NLM_F_EXCL refuses an element that is there already. */
export const CREATE = 0x400;
export const EXCLUSIVE = 0x200;

/** enum nft_set_flags */
export const SetFlag = { INTERVAL: 0x4, TIMEOUT: 0x10, EVAL: 0x20 } as const;

export interface ElementChange {
  readonly type: typeof NftMessage.NEWSETELEM | typeof NftMessage.DELSETELEM;
  /** Flags beside REQUEST and ACK. */
  readonly flags: number;
  readonly keys: readonly Uint8Array[];
  /** One timeout for each key; null for deletions. */
  readonly timeoutsMs: readonly number[] | null;
}

export interface SetName {
  readonly table: string;
  readonly set: string;
}

/**
 * Writes changes to one set as one transaction. Its begin has the number `sequence`, each change the next one, its end
 * the last.
 */
export function writeBatch(
  writer: NetlinkWriter,
  name: SetName,
  changes: readonly ElementChange[],
  sequence: number,
): void {
  writeBatchEdge(writer, BATCH_BEGIN, sequence);
  for (const [i, change] of changes.entries()) writeChange(writer, name, change, sequence + 1 + i);
  writeBatchEdge(writer, BATCH_END, sequence + 1 + changes.length);
}

function writeBatchEdge(writer: NetlinkWriter, type: number, sequence: number): void {
  const message = writer.beginMessage({ type, flags: MessageFlag.REQUEST, sequence });
  // struct nfgenmsg, whose resource id names the subsystem.
  writer.raw(Uint8Array.of(0, 0, 0, SUBSYSTEM));
  writer.endMessage(message);
}

function writeChange(
  writer: NetlinkWriter,
  { table, set }: SetName,
  change: ElementChange,
  sequence: number,
): void {
  const flags = MessageFlag.REQUEST | MessageFlag.ACK | change.flags;
  const message = writer.beginMessage({ type: change.type, flags, sequence });
  writer.raw(Uint8Array.of(NFPROTO_INET, 0, 0, 0));
  writer.text(1, table);
  writer.text(2, set);
  const elements = writer.beginNest(3);
  for (const [i, key] of change.keys.entries()) writeElement(writer, key, change.timeoutsMs?.[i] ?? null);
  writer.endNest(elements);
  writer.endMessage(message);
}

function writeElement(writer: NetlinkWriter, key: Uint8Array, timeoutMs: number | null): void {
  const element = writer.beginNest(1);
  const keyNest = writer.beginNest(1);
  writer.bytes(1, key);
  writer.endNest(keyNest);
  if (timeoutMs !== null) {
    writer.u64(4, timeoutMs);
    // The remaining time repeats the timeout: an element that stands takes a new end only from here (Linux 6.12 and
    // later).
    writer.u64(5, timeoutMs);
  }
  writer.endNest(element);
}

/** Writes a request that only reads; `names` are its first attributes (table, set). */
export function writeRequest(
  writer: NetlinkWriter,
  request: { readonly type: number; readonly flags: number; readonly sequence: number },
  names: readonly string[],
): void {
  const message = writer.beginMessage({ ...request, flags: MessageFlag.REQUEST | request.flags });
  writer.raw(Uint8Array.of(NFPROTO_INET, 0, 0, 0));
  for (const [i, name] of names.entries()) writer.text(i + 1, name);
  writer.endMessage(message);
}

/** NFTA_GEN_ID of an answer to GETGEN. */
export function readGeneration(view: DataView, start: number, end: number): number | null {
  let generation: number | null = null;
  eachAttribute(view, start + NFGENMSG_BYTES, end, (type, from) => {
    if (type === 1) generation = view.getUint32(from, false);
  });
  return generation;
}

export interface SetShape {
  readonly table: string;
  readonly name: string;
  readonly flags: number;
  readonly keyBytes: number;
  /** Whether each element has an expression of its own, here a counter. */
  readonly counts: boolean;
}

export function readSet(view: DataView, start: number, end: number): SetShape {
  let [table, name, flags, keyBytes, counts] = ["", "", 0, 0, false];
  eachAttribute(view, start + NFGENMSG_BYTES, end, (type, from, to) => {
    if (type === 1) table = attributeText(view, from, to);
    else if (type === 2) name = attributeText(view, from, to);
    else if (type === 3) flags = view.getUint32(from, false);
    else if (type === 5) keyBytes = view.getUint32(from, false);
    else if (type === 17 || type === 18) counts = true;
  });
  return { table, name, flags, keyBytes, counts };
}

export function readChain(view: DataView, start: number, end: number): { table: string; name: string } {
  const chain = { table: "", name: "" };
  eachAttribute(view, start + NFGENMSG_BYTES, end, (type, from, to) => {
    if (type === 1) chain.table = attributeText(view, from, to);
    else if (type === 3) chain.name = attributeText(view, from, to);
  });
  return chain;
}

export interface SetElement {
  readonly key: Uint8Array;
  /** Infinity if the element has no end. */
  readonly remainingMs: number;
  /** Null if the set does not count. */
  readonly packets: number | null;
}

/** Appends the elements of one answer to GETSETELEM. */
export function readElements(view: DataView, start: number, end: number, into: SetElement[]): void {
  eachAttribute(view, start + NFGENMSG_BYTES, end, (type, from, to) => {
    if (type !== 3) return;
    eachAttribute(view, from, to, (_, elementFrom, elementTo) => {
      const element = readElement(view, elementFrom, elementTo);
      if (element !== null) into.push(element);
    });
  });
}

function readElement(view: DataView, start: number, end: number): SetElement | null {
  let key: Uint8Array | null = null;
  let remainingMs = Number.POSITIVE_INFINITY;
  let packets: number | null = null;
  eachAttribute(view, start, end, (type, from, to) => {
    // The value's own attribute header lies between.
    if (type === 1) key = new Uint8Array(view.buffer, view.byteOffset + from + 4, to - from - 4).slice();
    else if (type === 5) remainingMs = readBigEndianU64(view, from);
    else if (type === 7) packets = readCounter(view, from, to);
  });
  return key === null ? null : { key, remainingMs, packets };
}

function readCounter(view: DataView, start: number, end: number): number | null {
  let packets: number | null = null;
  eachAttribute(view, start, end, (type, from, to) => {
    if (type !== 2) return;
    eachAttribute(view, from, to, (field, at) => {
      if (field === 2) packets = readBigEndianU64(view, at);
    });
  });
  return packets;
}
