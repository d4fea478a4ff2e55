// How single values look in the live view. Pure.

import type { Headroom } from "../../census/index.ts";
import {
  type Conduct,
  type ConductCounts,
  formatDuration,
  pressureOf,
  type SlotUse,
  SUSPICIOUS,
  slotShare,
} from "../../model/index.ts";
import { type Span, styled } from "../terminal/line.ts";
import { troubleColour } from "../text/colours.ts";

const NOTHING = styled("-", "dim");

export function countCell(counts: ConductCounts, conduct: Conduct): Span {
  const count = counts[conduct];
  if (count === 0) return NOTHING;
  return styled(String(count), SUSPICIOUS.has(conduct) ? "yellow" : undefined);
}

/** Connections per second with their sign; nothing before there are two scans. */
export function growthCell(perSecond: number | null | undefined): Span {
  if (perSecond === null || perSecond === undefined) return styled("");
  const text = growthText(perSecond);
  if (text === null) return NOTHING;
  return styled(text, perSecond >= 1 ? "yellow" : undefined);
}

/** Null for less than one in twenty seconds. */
export function growthText(perSecond: number): string | null {
  const size = Math.abs(perSecond);
  if (size < 0.05) return null;
  const digits = size < 99.95 ? size.toFixed(1) : String(Math.round(size));
  return (perSecond < 0 ? "-" : "+") + digits;
}

/** A part of a whole as a bar, in eighths of a character where the locale has the blocks. */
export function bar(share: number, width: number, unicode: boolean): string {
  const part = Math.max(0, Math.min(1, share));
  if (!unicode) return `[${"#".repeat(Math.round(part * width)).padEnd(width, ".")}]`;
  const eighths = Math.round(part * width * 8);
  const blocks = "█".repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? "");
  return `[${blocks.padEnd(width)}]`;
}

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"] as const;

export function slotStyle(use: Pick<SlotUse, "used" | "slots">): "red" | "yellow" | undefined {
  return troubleColour(pressureOf(slotShare(use)));
}

/** Five seconds tell nothing about slots that take longer than this to fill. */
const FORESEEABLE_MS = 24 * 3_600_000;

/** When the slots are full if they go on filling as now; nothing where they do not. */
export function fullInCell({ secondsToFull }: Pick<Headroom, "secondsToFull">): Span {
  if (secondsToFull === 0) return styled("full", "red");
  const ms = secondsToFull === null ? Number.POSITIVE_INFINITY : 1000 * secondsToFull;
  if (ms > FORESEEABLE_MS) return NOTHING;
  const style = ms < 60_000 ? "red" : ms < 600_000 ? "yellow" : undefined;
  return styled(formatDuration(Math.max(1000, ms)), style);
}

/** Exact up to five digits; of larger numbers the first three, rounded down. */
export function shortNumber(n: number): string {
  if (n < 100_000) return String(n);
  return n < 1_000_000 ? `${Math.floor(n / 1000)}k` : `${(Math.floor(n / 10_000) / 100).toFixed(2)}M`;
}

/** An interval in the words that --interval takes. */
export function intervalText(ms: number): string {
  return ms < 1000 || ms % 1000 === 0 ? formatDuration(ms) : `${ms / 1000}s`;
}
