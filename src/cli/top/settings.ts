// What the command line asked of `top`.

import type { ScanOptions } from "../../census/index.ts";

export interface TopSettings {
  readonly scan: ScanOptions;
  readonly intervalMs: number;
  /** Ends after so many scans; null for never. */
  readonly count: number | null;
  /** How many sources text and JSON have; null for what each has by default. */
  readonly top: number | null;
}

/** Calls `end` on the signals that ask a program to end, until disposed of. */
export function onEndSignal(end: () => void): Disposable {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, end);
  return {
    [Symbol.dispose]: () => {
      for (const signal of signals) process.off(signal, end);
    },
  };
}
