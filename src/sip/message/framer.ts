// Bytes of a stream to messages (RFC 3261 section 18.3, RFC 5626 section 3.5.1). A stream is framed by Content-Length,
// so a header block without it, or an endless one, ends the stream: there is no way to tell where the next one starts.
//
//   [ CRLF ... ] headers CRLF CRLF body(Content-Length) [ CRLF ... ] headers ...
//
// Leading newlines are skipped. A CRLF between messages is the answer to a keep-alive and becomes a pong.

import { ByteQueue } from "./byte-queue.ts";
import { type Malformed, MessageFault, readOrFault } from "./fault.ts";
import { HEADERS_BYTES_MAX } from "./limits.ts";
import { endOfHeaders, type Head, readHead, type SipMessage, withBody } from "./parse.ts";
import { readStartLine } from "./start-line.ts";
import { byteString } from "./text.ts";

export type Framed =
  | { readonly kind: "message"; readonly message: SipMessage }
  | { readonly kind: "pong" }
  | Malformed;

export class StreamFramer {
  readonly #queue = new ByteQueue();
  /** How far the search for the blank line has come: a message that comes byte by byte is searched once. */
  #searched = 0;
  #startLineRead = false;
  #head: { readonly head: Head; readonly length: number } | null = null;
  #broken = false;

  /** Takes the next bytes of the stream and returns what they complete, in order. After a fault it returns nothing. */
  push(chunk: Uint8Array): readonly Framed[] {
    const framed: Framed[] = [];
    if (!this.#broken) this.#queue.append(chunk);
    while (!this.#broken) {
      const next = this.#next();
      if (next === null) break;
      framed.push(next);
      this.#broken = next.kind === "malformed";
    }
    return framed;
  }

  /** Bytes of a message that has begun and is not complete. */
  get pendingBytes(): number {
    return this.#queue.length;
  }

  #next(): Framed | null {
    if (this.#head === null) {
      if (this.#searched === 0 && this.#skipNewlines()) return { kind: "pong" };
      const fault = readOrFault(() => this.#findHead());
      if (fault !== null) return fault;
    }
    return this.#head === null ? null : this.#takeMessage(this.#head);
  }

  /** Takes leading newlines; true where a CRLF was among them. A CR at the end waits for its LF. */
  #skipNewlines(): boolean {
    const [cr, lf] = [13, 10];
    const bytes = this.#queue.view();
    let pong = false;
    let i = 0;
    for (; i < bytes.length; i++) {
      const isCr = bytes[i] === cr && i + 1 < bytes.length;
      if (bytes[i] !== lf && !isCr) break;
      pong ||= isCr && bytes[i + 1] === lf;
    }
    this.#queue.drop(i);
    return pong;
  }

  /** Reads the headers once they are complete. It keeps what it finds, throws on a fault, and returns null. */
  #findHead(): null {
    const pending = this.#queue.view();
    this.#checkStartLine(pending);
    const end = endOfHeaders(pending, 0, this.#searched);
    if (end === null) {
      if (pending.length > HEADERS_BYTES_MAX) throw new MessageFault("headers-too-long", pending.length);
      // The blank line may have begun: CR LF CR is three bytes of it.
      this.#searched = Math.max(0, pending.length - 3);
      return null;
    }
    const head = readHead(pending, 0, end);
    if (head.contentLength === null) throw new MessageFault("no-content-length", end);
    this.#head = { head, length: end };
    return null;
  }

  /** The first line gives away a peer of another protocol: nobody should wait for the end of its headers. */
  #checkStartLine(pending: Uint8Array): void {
    if (this.#startLineRead || pending.length === 0) return;
    if (pending[0]! < 0x21 || pending[0]! > 0x7e) {
      // The LF of this CR may still come.
      if (pending.length > 1 || pending[0] !== 13) throw new MessageFault("bad-start-line", 0);
      return;
    }
    const lf = pending.indexOf(10, this.#searched);
    if (lf < 0) return;
    readStartLine(byteString(pending.subarray(0, pending[lf - 1] === 13 ? lf - 1 : lf)), 0);
    this.#startLineRead = true;
  }

  #takeMessage({ head, length }: { readonly head: Head; readonly length: number }): Framed | null {
    const total = length + (head.contentLength ?? 0);
    if (this.pendingBytes < total) return null;
    const body = this.#queue.view().slice(length, total);
    this.#queue.drop(total);
    this.#searched = 0;
    this.#startLineRead = false;
    this.#head = null;
    return { kind: "message", message: withBody(head, body) };
  }
}
