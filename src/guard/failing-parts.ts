// Runs the parts so that one that fails is told, tried again by whoever called it, and never stops its neighbours.

import { Refusal, reasonOf } from "../model/index.ts";
import type { GuardHealth } from "./news.ts";

export class FailingParts {
  readonly #tell: (health: GuardHealth) => void;
  /** Parts whose last try failed. */
  readonly #failing = new Set<string>();
  #denied: string | null = null;

  constructor(tell: (health: GuardHealth) => void) {
    this.#tell = tell;
  }

  /** What was said when something was refused for want of rights; null where it never was. */
  get denied(): string | null {
    return this.#denied;
  }

  /** Does the work of a part. Returns whether it went well; a failure is a health item until the part is well again. */
  attempt(part: string, work: () => void): boolean {
    try {
      work();
    } catch (error) {
      this.#failing.add(part);
      if (isDenied(error)) this.#denied = error.message;
      this.#tell({ code: part, severity: "critical", text: reasonOf(error) });
      return false;
    }
    this.well(part);
    return true;
  }

  /** Tells that a part works again, where it did not. */
  well(part: string): void {
    if (this.#failing.delete(part)) this.#tell({ code: part, severity: "notice", text: null });
  }
}

/** By its code: the class of the refusal belongs to whoever was called. */
function isDenied(error: unknown): error is Refusal {
  return error instanceof Refusal && "code" in error && error.code === "denied";
}
