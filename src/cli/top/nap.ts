/** A sleep that something else can end. One sleeper at a time. */
export class Nap {
  #wake: (() => void) | null = null;

  /** Waits `ms`, or for ever where that is Infinity, or until wake(). */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = Number.isFinite(ms) ? setTimeout(() => this.wake(), Math.max(0, ms)) : undefined;
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = null;
        resolve();
      };
    });
  }

  wake(): void {
    this.#wake?.();
  }
}
