// The faults of the guarding itself, as items that come and go. A failing part marks its item and never stops its
// neighbours.

import type { HealthItem } from "../api/index.ts";
import type { Severity } from "../model/index.ts";

export interface HealthReport {
  readonly code: string;
  readonly severity: Severity;
  /** Null: it is well again. */
  readonly text: string | null;
}

export class HealthBook {
  readonly #items = new Map<string, HealthItem>();
  readonly #now: () => number;
  readonly #onNews: (text: string) => void;

  /** `now` gives milliseconds since the epoch; `onNews` is called with a line for people where an item comes, changes or goes. */
  constructor(now: () => number, onNews: (text: string) => void) {
    this.#now = now;
    this.#onNews = onNews;
  }

  report(report: HealthReport): void {
    if (this.#isNews(report)) this.#onNews(report.text ?? `${report.code}: well again`);
  }

  items(): HealthItem[] {
    return [...this.#items.values()];
  }

  #isNews({ code, severity, text }: HealthReport): boolean {
    const before = this.#items.get(code);
    if (text === null) return this.#items.delete(code);
    const since = before?.since ?? new Date(this.#now()).toISOString();
    this.#items.set(code, { code, severity, text, since });
    return before === undefined || before.text !== text || before.severity !== severity;
  }
}
