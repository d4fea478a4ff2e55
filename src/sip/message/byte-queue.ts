// A queue of bytes: appended behind, taken in front, seen as one piece without copying.
//
//   #buffer  | taken | waiting ...      | free |
//                    ^#start            ^#end
//
// Appending a byte costs constant time: the queue reclaims the room of taken bytes first, then doubles its room.

export class ByteQueue {
  #buffer: Uint8Array = new Uint8Array(1024);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** The waiting bytes, as a view that is good until the next `append`. */
  view(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  append(chunk: Uint8Array): void {
    const waiting = this.length;
    if (this.#end + chunk.length > this.#buffer.length) this.#makeRoom(waiting + chunk.length);
    this.#buffer.set(chunk, this.#end);
    this.#end += chunk.length;
  }

  drop(count: number): void {
    this.#start += count;
    if (this.#start === this.#end) this.#start = this.#end = 0;
  }

  #makeRoom(needed: number): void {
    const waiting = this.view();
    const half = this.#buffer.length / 2;
    const target = needed <= half ? this.#buffer : new Uint8Array(Math.max(needed, 2 * this.#buffer.length));
    target.set(waiting);
    this.#buffer = target;
    this.#end = waiting.length;
    this.#start = 0;
  }
}
