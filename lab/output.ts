// A program's output, as far as there is room: the oldest chunks give way, and are counted.

export class Output {
  readonly #bytesMax: number;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #bytesDropped = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** How many bytes of the beginning are missing. */
  get bytesDropped(): number {
    return this.#bytesDropped;
  }

  append(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes > this.#bytesMax) {
      const oldest = this.#chunks.shift()!.length;
      this.#bytes -= oldest;
      this.#bytesDropped += oldest;
    }
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString("utf8");
  }
}
