// A process as JSON has it.

import type { ListeningProcess } from "../../census/index.ts";

export interface ProcessDocument {
  readonly pid: number;
  readonly name: string | null;
  readonly fdUsed: number | null;
  /** Null where unknown or without limit. */
  readonly fdLimit: number | null;
}

/** A process with numbers that JSON can say. */
export function processDocument({ pid, name, fdUsed, fdLimit }: ListeningProcess): ProcessDocument {
  return { pid, name, fdUsed, fdLimit: fdLimit !== null && Number.isFinite(fdLimit) ? fdLimit : null };
}
