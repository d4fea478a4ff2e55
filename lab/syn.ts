// A forged TCP SYN over IPv4, written byte by byte (RFC 791, RFC 9293):
//
//    0  version 4, header length 5 | service | total length 44
//    4  identification             | flags, fragment offset
//    8  time to live | protocol 6  | header checksum (the kernel fills it in for raw sockets)
//   12  source address
//   16  destination address
//   20  source port                | destination port
//   24  sequence number
//   28  acknowledgement number 0
//   32  data offset 6, SYN         | window
//   36  checksum over TCP and a pseudo header | urgent pointer
//   40  option: maximum segment size 1460

import { parseAddress } from "../src/model/index.ts";

const IP_BYTES = 20;
const TCP_BYTES = 24;
const PROTOCOL_TCP = 6;

export interface Syn {
  readonly source: string;
  readonly sourcePort: number;
  readonly target: string;
  readonly targetPort: number;
  readonly sequence: number;
}

/** Encodes the whole packet, for a raw socket that takes IP headers (IPPROTO_RAW). */
export function encodeSyn(syn: Syn): Uint8Array {
  const packet = new Uint8Array(IP_BYTES + TCP_BYTES);
  const view = new DataView(packet.buffer);
  view.setUint8(0, 0x45);
  view.setUint16(2, packet.length);
  view.setUint8(8, 64);
  view.setUint8(9, PROTOCOL_TCP);
  packet.set(ipv4Bytes(syn.source), 12);
  packet.set(ipv4Bytes(syn.target), 16);
  writeTcp(view, syn);
  view.setUint16(36, tcpChecksum(view));
  return packet;
}

function writeTcp(view: DataView, syn: Syn): void {
  view.setUint16(20, syn.sourcePort);
  view.setUint16(22, syn.targetPort);
  view.setUint32(24, syn.sequence);
  view.setUint16(32, 0x6002);
  view.setUint16(34, 0xffff);
  view.setUint32(40, 0x02040000 | 1460);
}

/** The checksum of RFC 9293, section 3.1: the complement of the ones' complement sum over pseudo header and segment. */
function tcpChecksum(view: DataView): number {
  let sum = PROTOCOL_TCP + TCP_BYTES;
  // The pseudo header's addresses lie right before the segment.
  for (let at = 12; at < IP_BYTES + TCP_BYTES; at += 2) sum += view.getUint16(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

function ipv4Bytes(text: string): Uint8Array {
  const address = parseAddress(text);
  if (address === null || text.includes(":")) throw new TypeError(`${text} is no IPv4 address`);
  return address.subarray(12);
}
