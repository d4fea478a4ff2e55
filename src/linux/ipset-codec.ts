// ipset's netlink messages: pure bytes. Source: include/uapi/linux/netfilter/ipset/ip_set.h.
//
//   message:  nlmsghdr | family u8, version u8, resource u16 | PROTOCOL, SETNAME, ... , ADT { DATA ... }
//   element:  DATA { IP { IPV4 or IPV6 }, CIDR u8, TIMEOUT u32 seconds, BYTES u64, PACKETS u64 }

import { attributeText, eachAttribute, readBigEndianU64 } from "./netlink-dump.ts";
import { MessageFlag } from "./netlink-message.ts";
import { type NetlinkWriter, NLA_NET_BYTEORDER } from "./netlink-writer.ts";

/** Message types: NFNL_SUBSYS_IPSET in the high byte, enum ipset_cmd in the low one. */
export const IpsetCommand = {
  PROTOCOL: 0x0601,
  CREATE: 0x0602,
  DESTROY: 0x0603,
  LIST: 0x0607,
  ADD: 0x0609,
  DEL: 0x060a,
} as const;

const PROTOCOL = 6;
const Attribute = {
  PROTOCOL: 1,
  SETNAME: 2,
  TYPENAME: 3,
  REVISION: 4,
  FAMILY: 5,
  FLAGS: 6,
  DATA: 7,
  ADT: 8,
  LINENO: 9,
};
const Data = { IP: 1, CIDR: 3, TIMEOUT: 6, FLAGS: 8, MAXELEM: 19, ELEMENTS: 24, BYTES: 24, PACKETS: 25 };
const NFPROTO = { 4: 2, 6: 10 } as const;
const NFGENMSG_BYTES = 4;
/** The revision of hash:net that brought counters (Linux 3.10). */
const HASH_NET_REVISION = 3;
const FLAG_WITH_COUNTERS = 1 << 3;
/** IPSET_FLAG_LIST_SETNAME and IPSET_FLAG_LIST_HEADER: the parts that a list leaves out. */
const FLAG_LIST_HEADER = 1 << 2;

type Writer = NetlinkWriter;

/** Creates a set of networks with timeouts and counters. An element without a timeout of its own would have no end. */
export function writeCreate(
  writer: Writer,
  set: { readonly name: string; readonly family: 4 | 6; readonly elementsMax: number },
  sequence: number,
): void {
  // Without NLM_F_EXCL an existing set of this very kind is no error.
  message(writer, IpsetCommand.CREATE, 0, sequence, NFPROTO[set.family], () => {
    writer.text(Attribute.SETNAME, set.name);
    writer.text(Attribute.TYPENAME, "hash:net");
    writer.u8(Attribute.REVISION, HASH_NET_REVISION);
    writer.u8(Attribute.FAMILY, NFPROTO[set.family]);
    const data = writer.beginNest(Attribute.DATA);
    writer.u32(Data.MAXELEM | NLA_NET_BYTEORDER, set.elementsMax);
    writer.u32(Data.TIMEOUT | NLA_NET_BYTEORDER, 0);
    writer.u32(Data.FLAGS | NLA_NET_BYTEORDER, FLAG_WITH_COUNTERS);
    writer.endNest(data);
  });
}

export function writeDestroy(writer: Writer, name: string, sequence: number): void {
  message(writer, IpsetCommand.DESTROY, 0, sequence, NFPROTO[4], () => writer.text(Attribute.SETNAME, name));
}

/** Asks for a dump of every set's header, or of one set with its elements. */
export function writeList(writer: Writer, name: string | null, sequence: number): void {
  message(writer, IpsetCommand.LIST, MessageFlag.DUMP, sequence, NFPROTO[4], () => {
    if (name !== null) writer.text(Attribute.SETNAME, name);
    else writer.u32(Attribute.FLAGS | NLA_NET_BYTEORDER, FLAG_LIST_HEADER);
  });
}

export interface NetElement {
  /** 4 or 16 bytes, masked. */
  readonly address: Uint8Array;
  readonly length: number;
  /** Not given for deletions. */
  readonly timeoutSeconds?: number;
}

/** Adds, renews or deletes elements of one set. Without NLM_F_EXCL a change that changes nothing is no error. */
export function writeElements(
  writer: Writer,
  command: typeof IpsetCommand.ADD | typeof IpsetCommand.DEL,
  name: string,
  elements: readonly NetElement[],
  sequence: number,
): void {
  message(writer, command, 0, sequence, NFPROTO[4], () => {
    writer.text(Attribute.SETNAME, name);
    // The kernel wants the line number of the first element if many come in one message.
    writer.u32(Attribute.LINENO, 1);
    const all = writer.beginNest(Attribute.ADT);
    for (const element of elements) writeElement(writer, element);
    writer.endNest(all);
  });
}

function writeElement(writer: Writer, { address, length, timeoutSeconds }: NetElement): void {
  const data = writer.beginNest(Attribute.DATA);
  const ip = writer.beginNest(Data.IP);
  writer.bytes((address.length === 4 ? 1 : 2) | NLA_NET_BYTEORDER, address);
  writer.endNest(ip);
  writer.u8(Data.CIDR, length);
  if (timeoutSeconds !== undefined) writer.u32(Data.TIMEOUT | NLA_NET_BYTEORDER, timeoutSeconds);
  writer.endNest(data);
}

function message(
  writer: Writer,
  type: number,
  flags: number,
  sequence: number,
  family: number,
  attributes: () => void,
): void {
  const ack = flags === 0 ? MessageFlag.ACK : flags;
  const at = writer.beginMessage({ type, flags: MessageFlag.REQUEST | ack, sequence });
  writer.raw(Uint8Array.of(family, 0, 0, 0));
  writer.u8(Attribute.PROTOCOL, PROTOCOL);
  attributes();
  writer.endMessage(at);
}

export interface IpsetHeader {
  readonly name: string;
  readonly type: string;
  /** How many elements the set has, with those that are over and not yet cleared away. */
  readonly elements: number;
}

/** Reads a set's header; null for an answer without one, since a set's elements may take several messages. */
export function readSetHeader(view: DataView, start: number, end: number): IpsetHeader | null {
  let [name, type, elements] = ["", "", 0];
  eachAttribute(view, start + NFGENMSG_BYTES, end, (attribute, from, to) => {
    if (attribute === Attribute.SETNAME) name = attributeText(view, from, to);
    else if (attribute === Attribute.TYPENAME) type = attributeText(view, from, to);
    else if (attribute === Attribute.DATA) {
      eachAttribute(view, from, to, (field, at) => {
        if (field === Data.ELEMENTS) elements = view.getUint32(at, false);
      });
    }
  });
  return type === "" ? null : { name, type, elements };
}

export interface ListedElement extends NetElement {
  /** 0 if it has no end. */
  readonly timeoutSeconds: number;
  readonly packets: number | null;
}

/** Appends the elements of one answer to LIST. */
export function readNetElements(view: DataView, start: number, end: number, into: ListedElement[]): void {
  eachAttribute(view, start + NFGENMSG_BYTES, end, (attribute, from, to) => {
    if (attribute !== Attribute.ADT) return;
    eachAttribute(view, from, to, (_, elementFrom, elementTo) => {
      const element = readElement(view, elementFrom, elementTo);
      if (element !== null) into.push(element);
    });
  });
}

function readElement(view: DataView, start: number, end: number): ListedElement | null {
  let address: Uint8Array | null = null;
  let length: number | null = null;
  let timeoutSeconds = 0;
  let packets: number | null = null;
  eachAttribute(view, start, end, (field, from, to) => {
    // The address's own attribute header lies between.
    if (field === Data.IP)
      address = new Uint8Array(view.buffer, view.byteOffset + from + 4, to - from - 4).slice();
    else if (field === Data.CIDR) length = view.getUint8(from);
    else if (field === Data.TIMEOUT) timeoutSeconds = view.getUint32(from, false);
    else if (field === Data.PACKETS) packets = readBigEndianU64(view, from);
  });
  if (address === null) return null;
  return { address, length: length ?? 8 * (address as Uint8Array).length, timeoutSeconds, packets };
}
