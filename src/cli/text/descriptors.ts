// Descriptors as tables have them.

import type { Paint } from "../output.ts";

/** Of a process. Null where it is unknown; a limit is also null, or Infinity, where there is none. */
export interface Descriptors {
  readonly fdUsed: number | null;
  readonly fdLimit: number | null;
}

/** Used of allowed, coloured as it gets tight; "?" where it may not be seen. */
export function descriptorCell(process: Descriptors | undefined, paint: Paint): string {
  if (process === undefined || process.fdUsed === null) return paint("dim", "?");
  if (process.fdLimit === null) return `${process.fdUsed}/no limit`;
  const share = process.fdUsed / process.fdLimit;
  const text = `${process.fdUsed}/${process.fdLimit} ${Math.floor(100 * share)}%`;
  return share >= 0.9 ? paint("red", text) : share >= 0.7 ? paint("yellow", text) : text;
}
