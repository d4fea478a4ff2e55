// Descriptors in the cells of tables.

import { pressureOf } from "../../model/index.ts";
import type { Paint } from "../output.ts";
import { troubleColour } from "./colours.ts";

/** A process's descriptors. Null is unknown; a limit of null or Infinity may also be none. */
export interface Descriptors {
  readonly fdUsed: number | null;
  readonly fdLimit: number | null;
}

/** Used of allowed, coloured as it gets tight; "?" where it may not be seen. */
export function descriptorCell(process: Descriptors | undefined, paint: Paint): string {
  if (process === undefined || process.fdUsed === null) return paint("dim", "?");
  if (process.fdLimit === null) return `${process.fdUsed}/no limit`;
  return shareCell(process.fdUsed, process.fdLimit, paint);
}

/** `781/1024 76%`, coloured as it gets tight. */
export function shareCell(used: number, limit: number, paint: Paint): string {
  const share = used / Math.max(1, limit);
  const text = `${used}/${limit} ${Math.floor(100 * share)}%`;
  const colour = troubleColour(pressureOf(share));
  return colour === undefined ? text : paint(colour, text);
}
