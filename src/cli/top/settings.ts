// The settings of `top` from the command line.

import type { ScanOptions } from "../../census/index.ts";

export interface TopSettings {
  readonly scan: ScanOptions;
  readonly intervalMs: number;
  /** Ends after this many scans; null for never. */
  readonly count: number | null;
  /** How many sources text and JSON have; null for what each has by default. */
  readonly top: number | null;
  /** A sentence for every program whose own limit could not be told. */
  readonly limitProblems: () => readonly string[];
}
