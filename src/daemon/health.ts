// What is wrong with the guarding itself, as items that come and go. A failing part marks its item and never stops its
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

  /** Takes a report down; returns whether it is news. */
  report({ code, severity, text }: HealthReport, now: number): boolean {
    const before = this.#items.get(code);
    if (text === null) return this.#items.delete(code);
    const since = before?.since ?? new Date(now).toISOString();
    this.#items.set(code, { code, severity, text, since });
    return before === undefined || before.text !== text || before.severity !== severity;
  }

  items(): HealthItem[] {
    return [...this.#items.values()];
  }
}
