// Runs the parts. A part that fails is told and never stops its neighbours; the caller tries it again.

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

  /** The words of the last refusal for want of rights; null if there was none. */
  get denied(): string | null {
    return this.#denied;
  }

  /** Does the work of a part. Returns whether it went well. A failure is a health item until the part is well again. */
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

  /** Tells that a part works again, if it had failed. */
  well(part: string): void {
    if (this.#failing.delete(part)) this.#tell({ code: part, severity: "notice", text: null });
  }
}

/** Whether rights were missing. The code tells, because the class of the refusal belongs to the room that was called. */
function isDenied(error: unknown): error is Refusal {
  return error instanceof Refusal && "code" in error && error.code === "denied";
}
