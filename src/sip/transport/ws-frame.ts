// WebSocket frames (RFC 6455 section 5), as a client writes and reads them.
//
//   byte 0: FIN, RSV1-3, opcode (4)    byte 1: MASK, length (7): up to 125, 126 = 2 bytes follow, 127 = 8 bytes follow
//   [ 2 or 8 bytes of length ] [ 4 bytes of mask ] payload
//
// A client masks, a server does not. Control frames (close, ping, pong) are whole and at most 125 bytes long.

import { ByteQueue } from "../message/byte-queue.ts";
import { HEADERS_BYTES_MAX, MESSAGE_BODY_BYTES_MAX } from "../message/limits.ts";
import { stripControls } from "../message/text.ts";

export const Opcode = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;
export type Opcode = (typeof Opcode)[keyof typeof Opcode];

export const FRAME_BYTES_MAX: number = HEADERS_BYTES_MAX + MESSAGE_BODY_BYTES_MAX;

export type FrameItem =
  | { readonly kind: "message"; readonly payload: Uint8Array }
  | { readonly kind: "ping"; readonly payload: Uint8Array }
  | { readonly kind: "pong" }
  | { readonly kind: "close"; readonly code: number | null; readonly reason: string }
  | { readonly kind: "broken"; readonly why: BrokenFrame };

export type BrokenFrame =
  | "masked"
  | "reserved-bits"
  | "unknown-opcode"
  | "bad-control"
  | "bad-continuation"
  | "too-long";

/** One whole frame with the given four bytes of mask. */
export function encodeFrame(opcode: Opcode, payload: Uint8Array, mask: Uint8Array): Uint8Array {
  const length = payload.length;
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = new Uint8Array(2 + extra + 4 + length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extra === 0 ? length : extra === 2 ? 126 : 127);
  if (extra === 2) view.setUint16(2, length);
  if (extra === 8) view.setBigUint64(2, BigInt(length));
  frame.set(mask.subarray(0, 4), 2 + extra);
  for (let i = 0; i < length; i++) frame[6 + extra + i] = payload[i]! ^ mask[i % 4]!;
  return frame;
}

interface FrameHead {
  readonly fin: boolean;
  readonly opcode: number;
  readonly start: number;
  readonly length: number;
}

/** Takes bytes as they come and puts frames and their fragments together. After a broken frame there is nothing more. */
export class FrameReader {
  readonly #queue = new ByteQueue();
  #fragments: Uint8Array[] | null = null;
  #broken = false;

  push(chunk: Uint8Array): readonly FrameItem[] {
    const items: FrameItem[] = [];
    if (this.#broken) return items;
    this.#queue.append(chunk);
    for (let head = this.#head(); head !== null; head = this.#head()) {
      const item = typeof head === "string" ? brokenFrame(head) : this.#take(head);
      if (item === "incomplete") break;
      if (item !== null) items.push(item);
      this.#broken = item?.kind === "broken";
      if (this.#broken) break;
    }
    return items;
  }

  get pendingBytes(): number {
    return this.#queue.length + (this.#fragments ?? []).reduce((sum, part) => sum + part.length, 0);
  }

  #head(): FrameHead | BrokenFrame | null {
    return readFrameHead(this.#queue.view());
  }

  #take({ fin, opcode, start, length }: FrameHead): FrameItem | null | "incomplete" {
    if (this.#queue.length < start + length) return "incomplete";
    const payload = this.#queue.view().slice(start, start + length);
    this.#queue.drop(start + length);
    if (opcode >= 8) return controlItem(opcode, payload);
    if ((opcode === Opcode.CONTINUATION) !== (this.#fragments !== null))
      return brokenFrame("bad-continuation");
    const fragments = [...(this.#fragments ?? []), payload];
    if (fragments.length > 1000 || fragments.reduce((sum, f) => sum + f.length, 0) > FRAME_BYTES_MAX)
      return brokenFrame("too-long");
    this.#fragments = fin ? null : fragments;
    return fin ? { kind: "message", payload: joined(fragments) } : null;
  }
}

/** The head of the frame that starts at byte 0; null while it is not complete. */
function readFrameHead(bytes: Uint8Array): FrameHead | BrokenFrame | null {
  if (bytes.length < 2) return null;
  const [first, second] = [bytes[0]!, bytes[1]!];
  const [fin, opcode, short] = [(first & 0x80) !== 0, first & 0x0f, second & 0x7f];
  if ((first & 0x70) !== 0) return "reserved-bits";
  if ((second & 0x80) !== 0) return "masked";
  if (!Object.values<number>(Opcode).includes(opcode)) return "unknown-opcode";
  if (opcode >= 8 && (!fin || short > 125)) return "bad-control";
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = short === 126 ? view.getUint16(2) : short === 127 ? Number(view.getBigUint64(2)) : short;
  return length > FRAME_BYTES_MAX ? "too-long" : { fin, opcode, start, length };
}

function controlItem(opcode: number, payload: Uint8Array): FrameItem {
  if (opcode === Opcode.PING) return { kind: "ping", payload };
  if (opcode === Opcode.PONG) return { kind: "pong" };
  const code = payload.length < 2 ? null : (payload[0]! << 8) | payload[1]!;
  return { kind: "close", code, reason: stripControls(new TextDecoder().decode(payload.subarray(2))) };
}

function brokenFrame(why: BrokenFrame): FrameItem {
  return { kind: "broken", why };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
