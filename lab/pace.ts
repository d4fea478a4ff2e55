// The pace at which a worker begins its connections: all at once, or so many a second.

const PACE_TICK_MS = 20;

export class Pacer {
  readonly #count: number;
  readonly #perSecond: number;
  readonly #startedAt = performance.now();
  #taken = 0;

  constructor({ count, perSecond }: { readonly count: number; readonly perSecond: number }) {
    this.#count = count;
    this.#perSecond = perSecond;
  }

  get taken(): number {
    return this.#taken;
  }

  get done(): boolean {
    return this.#taken >= this.#count;
  }

  /** Takes a turn if one is due. Returns whether it did. */
  takeOne(): boolean {
    if (this.done || this.#taken >= this.#due()) return false;
    this.#taken++;
    return true;
  }

  /** Gives back a turn that was taken. It is due again at once. */
  giveBack(): void {
    this.#taken--;
  }

  /** Calls `act` regularly until all turns are taken. */
  onTick(act: () => void): void {
    if (this.#perSecond === 0) return;
    const timer = setInterval(() => {
      act();
      if (this.done) clearInterval(timer);
    }, PACE_TICK_MS);
  }

  #due(): number {
    if (this.#perSecond === 0) return this.#count;
    return 1 + Math.floor(((performance.now() - this.#startedAt) / 1000) * this.#perSecond);
  }
}
