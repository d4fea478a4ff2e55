// Requests to sock_diag. The kernel itself selects the wanted sockets, so that only those cross to user space. Source:
// struct inet_diag_req_v2 and struct inet_diag_bc_op, include/uapi/linux/inet_diag.h. inet_diag_bc_audit() in
// net/ipv4/inet_diag.c checks the filters.

import type { TcpState } from "../model/index.ts";
import {
  DiagAttribute,
  extensionBit,
  INET_DIAG_REQUEST_BYTES,
  IPPROTO_TCP,
  SOCK_DIAG_BY_FAMILY,
} from "./inet-diag-layout.ts";
import { encodeAttribute, encodeMessage, MessageFlag } from "./netlink-message.ts";

export interface DumpRequest {
  /** AF_INET or AF_INET6; v4-mapped sockets come with AF_INET6. */
  readonly family: number;
  readonly states: readonly TcpState[];
  /** Local ports, or null for all. */
  readonly ports: readonly number[] | null;
  /** Whether tcp_info is wanted. It is two thirds of the bytes and a quarter of the kernel's time. */
  readonly info: boolean;
  readonly sequence: number;
}

/** The most ranges of one filter: an attribute's length field has 16 bits, and a range takes 20 bytes. */
export const PORT_RANGES_MAX = 3000;

/** A dump request for one family. Throws RangeError for more than PORT_RANGES_MAX separate ranges of ports. */
export function encodeDumpRequest(request: DumpRequest): Uint8Array {
  const body = new Uint8Array(INET_DIAG_REQUEST_BYTES);
  const view = new DataView(body.buffer);
  body[0] = request.family;
  body[1] = IPPROTO_TCP;
  body[2] = request.info ? extensionBit(DiagAttribute.INFO) : 0;
  view.setUint32(4, stateMask(request.states), true);
  const header = {
    type: SOCK_DIAG_BY_FAMILY,
    flags: MessageFlag.REQUEST | MessageFlag.DUMP,
    sequence: request.sequence,
  };
  if (request.ports === null) return encodeMessage(header, body);
  const ranges = portRanges(request.ports);
  if (ranges.length === 0 || ranges.length > PORT_RANGES_MAX) {
    throw new RangeError(
      `cannot filter by ${ranges.length} separate ranges of ports; 1 to ${PORT_RANGES_MAX} work`,
    );
  }
  return encodeMessage(header, body, encodeAttribute(DiagAttribute.REQ_BYTECODE, encodePortFilter(ranges)));
}

/** The bits of inet_diag_req_v2.idiag_states. */
export function stateMask(states: readonly TcpState[]): number {
  return states.reduce((mask, state) => mask | (1 << state), 0);
}

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Ports, in any order and with repetitions, as the fewest ranges in ascending order. */
export function portRanges(ports: readonly number[]): PortRange[] {
  const ranges: { first: number; last: number }[] = [];
  for (const port of [...new Set(ports)].sort((a, b) => a - b)) {
    const previous = ranges.at(-1);
    if (previous !== undefined && previous.last === port - 1) previous.last = port;
    else ranges.push({ first: port, last: port });
  }
  return ranges;
}

const Op = { JMP: 1, S_GE: 2, S_LE: 3 } as const;

// A range is three operations; the port follows its comparison in an operation of its own:
//
//    0 S_GE   yes: next   no: 20, the next range
//    4        first
//    8 S_LE   yes: next   no: 12, the next range
//   12        last
//   16 JMP    to the end: wanted
//
// A run that ends exactly at the end means "wanted"; 4 bytes past it means "not wanted". The last range needs no JMP,
// and its "no" goes past the end. The kernel insists that the "yes" steps can also reach every target, which this
// layout keeps.
const RANGE_BYTES = 20;
const JMP_BYTES = 4;

/** Bytecode that wants exactly the sockets whose local port is in one of the ranges. */
export function encodePortFilter(ranges: readonly PortRange[]): Uint8Array {
  const length = ranges.length * RANGE_BYTES - JMP_BYTES;
  const code = new Uint8Array(length);
  const view = new DataView(code.buffer);
  const put = (offset: number, op: number, yes: number, no: number): void => {
    code[offset] = op;
    code[offset + 1] = yes;
    view.setUint16(offset + 2, no, true);
  };
  for (const [i, range] of ranges.entries()) {
    const start = i * RANGE_BYTES;
    put(start, Op.S_GE, 8, RANGE_BYTES);
    view.setUint16(start + 6, range.first, true);
    put(start + 8, Op.S_LE, 8, RANGE_BYTES - 8);
    view.setUint16(start + 14, range.last, true);
    if (i < ranges.length - 1) put(start + 16, Op.JMP, JMP_BYTES, length - (start + 16));
  }
  return code;
}
